// What the list is narrowed to.

import { narrow, read } from "./address.js";
import { find } from "./element.js";

const PAUSE = 250; // milliseconds after the last letter

/** Keep the form and the page's address in step. */
export function start() {
  const form = find("filters");
  let timer = null;
  const apply = () => {
    clearTimeout(timer);
    narrow(Object.fromEntries(new FormData(form)));
  };
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.target.type === "search") timer = setTimeout(apply, PAUSE);
    else apply();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  find("clear").addEventListener("click", () => {
    narrow({});
    find("text").focus();
  });
  show(read().filter);
}

/** Show a filter in the form. */
export function show(filter) {
  const form = find("filters");
  for (const name of ["status", "kind", "text"]) {
    const field = form.elements[name];
    if (field === document.activeElement && field.value.trim() === (filter[name] || "")) continue;
    if (field.tagName === "SELECT" && filter[name]) offer(field, filter[name]);
    field.value = filter[name] || "";
  }
}

/** Whether a filter leaves anything out. */
export function narrows(filter) {
  return Object.keys(filter).length > 0;
}

// An address can name a status, as in status=429, that the form does not offer by itself.
function offer(field, wanted) {
  if ([...field.options].some((option) => option.value === wanted)) return;
  field.add(new Option(wanted, wanted));
}
