// Suggestions under a search field while one types: the combobox with a list box of WAI-ARIA's
// authoring practices. Without this script, or an answer, the form works as any form.
const MOST = 8;
const SHORTEST = 2;
const PAUSE = 150; // ms of no typing before anything is asked

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const field = form.elements.q;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let asking = new AbortController();
  let waiting = 0;
  let chosen = -1; // nothing: Enter sends the form

  list.id = `${field.id}-forslag`;
  list.className = "suggest";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Förslag");
  status.className = "sr";
  status.setAttribute("role", "status");
  form.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) field.setAttribute(name, value);

  const option = (text, kind, go) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.id = `${list.id}-${list.children.length}`;
    item.textContent = text;
    if (kind) {
      const label = document.createElement("span");
      label.className = "meta";
      label.textContent = kind;
      item.append(" ", label);
    }
    item.addEventListener("click", go);
    list.append(item);
  };

  const open = (isOpen) => {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", isOpen);
    choose(-1);
  };

  const choose = (place) => {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = place;
    const item = list.children[place];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) field.setAttribute("aria-activedescendant", item.id);
    else field.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    clearTimeout(waiting);
    asking.abort();
    open(false);
    status.textContent = "";
  };

  const show = (found, typed) => {
    list.replaceChildren();
    for (const { title, kind, url } of found) option(title, kind, () => location.assign(url));
    if (found.length) option(`Sök efter ”${typed}”`, "", () => form.requestSubmit());
    open(found.length > 0);
    status.textContent = found.length ? `${found.length} förslag` : "Inga förslag";
  };

  const ask = async (typed) => {
    asking = new AbortController();
    const query = new URLSearchParams({ q: typed, antal: MOST });
    try {
      const answer = await fetch(`${form.dataset.suggest}?${query}`, { signal: asking.signal });
      const found = answer.ok ? await answer.json() : [];
      if (document.activeElement === field) show(found, typed.trim());
    } catch (trouble) {
      if (trouble.name !== "AbortError") close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    asking.abort();
    const typed = field.value;
    if (typed.trim().length < SHORTEST) close();
    else waiting = setTimeout(ask, PAUSE, typed);
  });

  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden || event.isComposing) return;
    if (step) {
      // From the field to the first or the last, and past them back to the field.
      const places = list.children.length + 1;
      choose(((chosen + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      list.children[chosen].click();
    } else if (event.key === "Escape") {
      close();
    } else return;
    event.preventDefault();
  });

  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps focus
  field.addEventListener("blur", close);
}
