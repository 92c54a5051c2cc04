// Makes elements. Text goes in as text, never as markup: nothing that a client sent can run.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["checked", "className", "disabled", "hidden", "open"]);

/**
 * Make an element of HTML.
 * @param {string} kind its name, with classes behind it, as in "p.quiet"
 * @param {Object} given attributes; those named "on..." are listeners, and null is left out
 * @param {...*} inside texts and nodes, or lists of them; null and false are left out
 * @returns {HTMLElement}
 */
export function make(kind, given = {}, ...inside) {
  const [name, ...classes] = kind.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) set(node, key, value);
  node.append(...present(inside));
  return node;
}

/** Make an element of SVG, with its attributes. */
export function draw(name, given = {}, ...inside) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
  node.append(...inside);
  return node;
}

/** Put these in place of what an element holds. */
export function fill(node, ...inside) {
  node.replaceChildren(...present(inside));
  return node;
}

/** The element of the page that has this id. */
export function find(id) {
  return document.getElementById(id);
}

/** A text in which what stands between backticks is code. */
export function coded(text) {
  return text.split("`").map((piece, place) => (place % 2 ? make("code", {}, piece) : piece));
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
  else if (PROPERTIES.has(key)) node[key] = value;
  else node.setAttribute(key, value === true ? "" : value);
}

function present(inside) {
  return inside.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false);
}
