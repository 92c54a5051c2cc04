// Buttons that copy a text, and say so.

import { make } from "./element.js";
import { say } from "./notice.js";

const SHOWN = 2000; // milliseconds

/**
 * A button that copies.
 * @param {string} what it is called in the button's name, as in "curl"
 * @param {() => string} text gives the text when it is wanted
 */
export function copier(what, text) {
  const button = make("button.small", { type: "button", "aria-label": `Copy ${what}` }, "Copy");
  let timer = null;
  button.addEventListener("click", async () => {
    const done = await copied(text());
    button.textContent = done ? "Copied" : "Not copied";
    say(done ? `Copied ${what}` : `The browser did not let ${what} be copied`);
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = "Copy"), SHOWN);
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return byHand(text); // no clipboard without permission, or under a name that is not loopback
  }
}

function byHand(text) {
  const before = document.activeElement;
  const area = make("textarea.hidden", { readonly: true, "aria-hidden": "true" }, text);
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}
