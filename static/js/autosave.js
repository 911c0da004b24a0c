// A form that saves by itself two seconds after the last change, one request at a time, and says so.
// Without this script, or when it cannot, the button saves as always.
const SAVE_AFTER = 2000; // milliseconds

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-saved]");
  let waiting = 0;
  let saving = false;
  let again = false;
  let leaving = false;
  let whenSaved = null;

  const say = (text, saved) => {
    status.className = saved ? "saved" : "error";
    status.textContent = text;
  };

  const save = async () => {
    if (leaving) return;
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    const data = new FormData(form);
    data.set("autosparar", "1");
    try {
      // As the button sends it: with files in mind a server takes in fewer fields.
      const body = new URLSearchParams(data);
      const response = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body,
      });
      const answer = await response.json();
      if (answer.bas) form.elements.bas.value = answer.bas;
      say(answer.sparat ?? answer.fel, response.ok);
    } catch {
      say("Inte sparat: ingen kontakt med KSI. Tryck på Spara när du är uppkopplad igen.", false);
    }
    saving = false;
    if (whenSaved) {
      whenSaved();
    } else if (again) {
      again = false;
      save();
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, SAVE_AFTER);
  });
  // What is under way ends first: otherwise one would meet one's own answer as somebody else's.
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    leaving = true;
    if (!saving) return;
    event.preventDefault();
    whenSaved = () => form.requestSubmit(event.submitter);
  });
  // A page that comes back with the browser's Back after it was sent is older than what is saved.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && leaving) location.reload();
  });
}
