// Fields of forms: a label, a control, what is allowed, and what was wrong with it.

import { coded, fill, make } from "./element.js";
import { number } from "./json.js";

const WORDS = new Map([["true", true], ["false", false], ["null", null]]);

let made = 0;

/**
 * A control under its label.
 * @param {string} label
 * @param {HTMLElement} control an input, select or textarea; it gets an id
 * @param {string} [hint] what is allowed; between backticks is code
 * @returns {{node: HTMLElement, control: HTMLElement, wrong: (message: string|null) => void}}
 */
export function field(label, control, hint = "") {
  const id = (control.id = `field-${(made += 1)}`);
  const about = hint ? make("p.hint.quiet", { id: `${id}-hint` }, coded(hint)) : null;
  const fault = make("p.fault", { id: `${id}-fault` });
  control.setAttribute("aria-describedby", about ? `${id}-hint ${id}-fault` : `${id}-fault`);
  const node = make("div.field", {}, make("label", { for: id }, label), control, about, fault);
  return { node, control, wrong: marker(node, () => [control], fault) };
}

/** A group of controls under one name, as `field` has one. */
export function group(label, inside, hint = "") {
  const id = `field-${(made += 1)}`;
  const fault = make("p.fault", { id });
  const about = hint ? make("p.hint.quiet", {}, coded(hint)) : null;
  const legend = make("legend", {}, label);
  const node = make("fieldset.field", { "aria-describedby": id }, legend, inside, about, fault);
  const controls = () => [...node.querySelectorAll("input:checked, input[type=text]")];
  return { node, wrong: marker(node, controls, fault) };
}

/** A list to choose one of; `options` are pairs of value and text. */
export function menu(options, chosen = "") {
  const option = ([value, text]) => make("option", { value, selected: value === chosen }, text);
  return make("select", {}, options.map(option));
}

/**
 * A line of text as the value it stands for: a number, true, false, null, or a word.
 * @param {string} text
 * @param {(text: string) => *} figure what a number becomes
 */
export function meant(text, figure = number) {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return figure(text);
  return WORDS.has(text) ? WORDS.get(text) : text;
}

/** A place for what came of something, read out when it changes. */
export function outcome() {
  const node = make("p.outcome", { role: "status" });
  return {
    node,
    done: (...text) => fill(node, text).classList.remove("fault"),
    failed: (problem) => fill(node, problem.message).classList.add("fault"),
  };
}

/**
 * A form; what was wrong with it is told in `result` until something else is written in it.
 * @param {string} kind a class
 * @param {{node: HTMLElement, done: Function}} result an outcome
 * @param {() => void} submit called instead of leaving the page
 * @param {...*} inside what it holds
 */
export function form(kind, result, submit, ...inside) {
  const node = make(`form.${kind}`, { novalidate: true, autocomplete: "off" }, inside);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  const mended = () => result.node.classList.contains("fault") && result.done();
  for (const change of ["input", "reset"]) node.addEventListener(change, mended);
  return node;
}

/** Says what was wrong with a field, until something else is written in it. */
function marker(node, controls, fault) {
  const wrong = (message) => {
    fault.textContent = message || "";
    node.classList.toggle("wrong", Boolean(message));
    for (const one of node.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    for (const one of message ? controls() : []) one.setAttribute("aria-invalid", "true");
  };
  node.addEventListener("input", () => wrong(null));
  return wrong;
}
