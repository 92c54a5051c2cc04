// Tells what changed: those who do not see the page no oftener than they can listen, and those who do
// where something they looked at is gone.

import { find } from "./element.js";

const PAUSE = 4000; // milliseconds between two announcements of the same sort
const SEEN = 10_000; // milliseconds that a notice can be seen

let waiting = null;
let text = "";
let showing = null;

/** Say something at once. */
export function say(sentence) {
  find("notice").textContent = sentence;
}

/** Say something at once, and show it for some seconds. */
export function show(sentence) {
  say(sentence);
  find("shown").textContent = sentence;
  find("shown").hidden = false;
  last();
}

// The time of a page that is in the background does not count.
function last() {
  clearTimeout(showing);
  showing = setTimeout(() => {
    if (document.hidden) document.addEventListener("visibilitychange", last, { once: true });
    else find("shown").hidden = true;
  }, SEEN);
}

/** Say something soon; what is said of it meanwhile takes its place. */
export function mention(sentence) {
  text = sentence;
  waiting ??= setTimeout(() => {
    waiting = null;
    say(text);
  }, PAUSE);
}
