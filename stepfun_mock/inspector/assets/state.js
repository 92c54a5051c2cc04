// What the mock said last of itself, and who wants to know of it.

import { ask } from "./api.js";

const TOGETHER = 100; // milliseconds in which states are gathered: each request can bring one

const watchers = new Set();
let timer = null;

/** The state; null until the first came. */
export let state = null;

/** When it came, by the page's own clock in milliseconds. */
let came = 0;

/** Keep a new state, and soon tell all who watch. */
export function keep(fresh) {
  const first = !state;
  state = fresh;
  came = performance.now();
  if (first) tell();
  else timer ??= setTimeout(tell, TOGETHER);
}

/** Be told of each state, and of the present one at once. */
export function watch(watcher) {
  watchers.add(watcher);
  if (state) watcher(state);
}

/** Ask for the state, where no event may bring it. */
export async function refresh() {
  keep(await ask("state"));
  tell();
}

function tell() {
  clearTimeout(timer);
  timer = null;
  for (const watcher of watchers) watcher(state);
}

/** The mock's time in Unix seconds, as it must be by now. */
export function now() {
  if (!state) return Date.now() / 1000;
  const { now: then, frozen } = state.clock;
  return frozen ? then : then + (performance.now() - came) / 1000;
}
