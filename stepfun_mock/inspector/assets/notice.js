// Tells those who do not see the page what changed, and no oftener than they can listen.

import { find } from "./element.js";

const PAUSE = 4000; // milliseconds between two announcements of the same sort

let waiting = null;
let text = "";

/** Say something at once. */
export function say(sentence) {
  find("notice").textContent = sentence;
}

/** Say something soon; what is said of it meanwhile takes its place. */
export function mention(sentence) {
  text = sentence;
  waiting ??= setTimeout(() => {
    waiting = null;
    say(text);
  }, PAUSE);
}
