// The part of the page's address behind "#": what is open, and what the list is narrowed to.
// As in #request-12&status=4xx&text=fox

const FIELDS = ["status", "kind", "text"];
const VIEW = /^(send|controls)$|^(request)-(\d+)$|^(compare)-(\d+)-(\d+)$/;

const watchers = new Set();

/** @returns {{view: {name: string, numbers: number[]}|null, filter: Object<string, string>}} */
export function read() {
  const [first, ...rest] = location.hash.slice(1).split("&");
  const found = VIEW.exec(first);
  const asked = new URLSearchParams((found ? rest : [first, ...rest]).join("&"));
  return { view: found && view(found), filter: chosen(Object.fromEntries(asked)) };
}

/** The address of a view beside the filter that holds; null is the list alone. */
export function link(name, ...numbers) {
  return written(name && [name, ...numbers].join("-"), read().filter);
}

/** Go to a view. With `replace`, the way back does not stop at the present one. */
export function go(target, { replace = false } = {}) {
  if (target === location.hash || (target === "#" && !location.hash)) return;
  history[replace ? "replaceState" : "pushState"](null, "", target === "#" ? location.pathname : target);
  tell();
}

/** Narrow the list, and leave open what is open. */
export function narrow(filter) {
  const { view: open } = read();
  const name = open && [open.name, ...open.numbers].join("-");
  go(written(name, chosen(filter)), { replace: true });
}

/** Be told when the address changed. */
export function watch(watcher) {
  watchers.add(watcher);
}

function tell() {
  for (const watcher of watchers) watcher(read());
}

function view([, page, request, number, compare, left, right]) {
  if (page) return { name: page, numbers: [] };
  if (request) return { name: request, numbers: [Number(number)] };
  return { name: compare, numbers: [Number(left), Number(right)] };
}

function chosen(filter) {
  return Object.fromEntries(FIELDS.filter((name) => filter[name]).map((name) => [name, filter[name]]));
}

function written(name, filter) {
  const asked = new URLSearchParams(filter).toString();
  return `#${[name, asked].filter(Boolean).join("&")}`;
}

window.addEventListener("hashchange", tell);
window.addEventListener("popstate", tell);
