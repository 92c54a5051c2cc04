// The requests that are chosen to be compared: two at most, the older choice goes first.

const watchers = new Set();
let numbers = [];

export function chosen() {
  return numbers;
}

/** Choose a request, or no longer. */
export function choose(number, on) {
  numbers = numbers.filter((one) => one !== number);
  if (on) numbers = [...numbers, number].slice(-2);
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
