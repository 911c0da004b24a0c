// Keeps what the visitor has folded out when the filtered list is replaced, and falls back to an
// ordinary page load when the live update fails. The page works without this script.
const opened = new Set();

document.addEventListener("htmx:beforeSwap", () => {
  opened.clear();
  for (const part of document.querySelectorAll("#lista details[open][id]")) opened.add(part.id);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    location.assign(event.detail.pathInfo.finalRequestPath ?? event.detail.pathInfo.requestPath);
  });
}
