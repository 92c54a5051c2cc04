// The requests that are chosen to be compared: two at most, the older choice gives way.

const watchers = new Set();
let numbers = [];
let gone = null; // what gave way to the last choice

export function chosen() {
  return numbers;
}

/** The number that gave way to the last choice; null where none had to. */
export function replaced() {
  return gone;
}

/** Choose a request, or no longer. */
export function choose(number, on) {
  numbers = numbers.filter((one) => one !== number);
  if (on) numbers = [...numbers, number];
  gone = numbers.length > 2 ? numbers.shift() : null;
  tell();
}

/** Choose none. */
export function clear() {
  numbers = [];
  tell();
}

/** Be told of each change. */
export function watch(watcher) {
  watchers.add(watcher);
}

function tell() {
  for (const watcher of watchers) watcher(numbers);
}
