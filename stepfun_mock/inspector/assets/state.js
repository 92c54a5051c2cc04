// What the mock said last of itself, and who wants to know of it.

import { ask } from "./api.js";

const TOGETHER = 100; // milliseconds in which states are gathered: each request can bring one

const SOONEST = 1; // second from which it asks again
const LATEST = 3600; // seconds; a browser counts no further than some weeks
const SHIFTED = 1; // seconds from which the mock's time is another than real time

const watchers = new Set();
let timer = null;
let later = null;

/** The state; null until the first came. */
export let state = null;

/** When it came, by the page's own clock in milliseconds. */
let came = 0;

/** Keep a new state, and soon tell all who watch. */
export function keep(fresh) {
  const first = !state;
  state = fresh;
  came = performance.now();
  foresee();
  if (first) tell();
  else timer ??= setTimeout(() => tell(), TOGETHER);
}

/**
 * Be told of each state, and of the present one at once.
 * @param {(state: Object, anew: boolean) => void} watcher `anew`: all is as at the start again
 */
export function watch(watcher) {
  watchers.add(watcher);
  if (state) watcher(state, false);
}

/** Whether a choice is another than it is by default. */
export function changed(choice) {
  return JSON.stringify(choice.value) !== JSON.stringify(choice.default);
}

/** Ask for the state, where no event may bring it; `anew` once everything was reset. */
export async function refresh({ anew = false } = {}) {
  keep(await ask("state"));
  tell(anew);
}

/** What time alone changes, nobody tells of: ask again once it is due. */
function foresee() {
  clearTimeout(later);
  const { clock, faults, next_expiry: expiry } = state;
  const moments = [faults.down_until, expiry?.expires].filter(Boolean);
  if (clock.frozen || !moments.length) return;
  const left = Math.min(LATEST, Math.max(SOONEST, Math.min(...moments) - clock.now));
  later = setTimeout(() => refresh().catch(() => null), left * 1000);
}

function tell(anew = false) {
  clearTimeout(timer);
  timer = null;
  for (const watcher of watchers) watcher(state, anew);
}

/** The mock's time in Unix seconds, as it must be by now. */
export function now() {
  if (!state) return Date.now() / 1000;
  const { now: then, frozen } = state.clock;
  return frozen ? then : then + since();
}

/** By how many seconds the mock's time is ahead of real time, or behind; 0 where it is the same. */
export function shift() {
  const { ahead, frozen } = state.clock;
  const left = frozen ? ahead - since() : ahead;
  return Math.abs(left) < SHIFTED ? 0 : left;
}

function since() {
  return (performance.now() - came) / 1000;
}
