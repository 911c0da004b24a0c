// What the visitor has unfolded, chosen or typed outlives each replacement of the filtered list.
// When a live update fails, an ordinary page load takes over. The page works without this script.
const opened = new Set();
const { suggest } = document.currentScript.dataset;
let changes = 0; // how many times something has been chosen
let asked = 0; // how many of them the latest question knew of
let typing = null;
let askAgain = null;

document.addEventListener("change", ({ target }) => {
  if (target.closest("#urval")) changes += 1;
});

document.addEventListener("htmx:beforeRequest", () => {
  asked = changes;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  // An answer that knows nothing of the box just checked is let pass; the next one does.
  if (asked !== changes) event.detail.shouldSwap = false;
  opened.clear();
  for (const part of document.querySelectorAll("#lista details[open][id]")) opened.add(part.id);
  const field = document.activeElement;
  typing = field.matches("#urval input:not([type=checkbox])") ? field : null;
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  const field = typing && document.getElementById(typing.id);
  askAgain = field && field.value !== typing.value ? field.form : null;
  if (askAgain) field.value = typing.value;
});

document.addEventListener("htmx:afterSettle", () => {
  if (askAgain) htmx.trigger(askAgain, "change");
  askAgain = null;
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    location.assign(event.detail.pathInfo.finalRequestPath ?? event.detail.pathInfo.requestPath);
  });
}

// The suggestions of the search field are fetched when somebody goes there: a first visit is light.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".find input")) import(suggest);
});
