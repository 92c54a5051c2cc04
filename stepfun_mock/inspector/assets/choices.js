// What the documentation leaves open, each with a control that changes it at once.

import { ask } from "./api.js";
import { make } from "./element.js";
import { field, meant, menu } from "./fields.js";
import { say } from "./notice.js";
import { changed, refresh, state, watch } from "./state.js";
import { value } from "./words.js";

const NONE = ""; // what stands for null in a control

/** The control of all choices. */
export function choices() {
  const made = new Map(state.choices.map((choice) => [choice.name, one(choice)]));
  watch((fresh, anew) => {
    for (const choice of fresh.choices) made.get(choice.name)?.show(choice, anew);
  });
  const fields = [...made.values()].map(({ node }) => node);
  return { node: make("section.control", {}, make("h3", {}, "Choices"), make("div.choices", {}, fields)) };
}

function one(choice) {
  const control = controlOf(choice);
  const { node, wrong } = field(choice.name, control, choice.about);
  const due = make("span.due.quiet");
  node.querySelector("label").append(due);
  let shown = null; // the mock's own value, once the control had it: one that it refused stays
  control.addEventListener("change", async () => {
    try {
      await ask("choices", { method: "POST", body: { [choice.name]: read(choice, control) } });
      shown = null;
      await refresh();
      say(`${choice.name} is changed`);
    } catch (problem) {
      wrong(problem.message);
      say(problem.message);
    }
  });
  const show = (fresh, anew) => {
    const found = JSON.stringify(fresh.value);
    due.textContent = changed(fresh) ? `default: ${text(fresh.default)}` : "";
    node.classList.toggle("changed", changed(fresh));
    const writing = control === document.activeElement && control.tagName !== "SELECT";
    if (!anew && (writing || found === shown)) return;
    shown = found;
    set(control, fresh.value);
    wrong(null);
  };
  return { node, show };
}

function controlOf({ kind, words, value: given, default: due }) {
  if (kind === "switch") return menu([["true", "on"], ["false", "off"]]);
  if (kind === "words") {
    const options = words.map((word) => [word, word]);
    const open = given === null || due === null;
    return menu(open ? [[NONE, "none"], ...options] : options);
  }
  const figure = kind === "whole" || kind === "number";
  const placeholder = kind === "list" ? "separated by commas" : due === null ? "none" : null;
  return make("input", {
    type: "text",
    inputmode: figure && !words?.length ? "decimal" : null,
    placeholder,
    dir: "auto",
    autocomplete: "off",
  });
}

function set(control, given) {
  control.value = Array.isArray(given) ? given.join(", ") : given === null ? NONE : String(given);
}

function read({ kind, default: due, optional }, control) {
  const text = control.value.trim();
  if (kind === "list") return text.split(",").map((word) => word.trim()).filter(Boolean);
  if (kind === "switch") return text === "true";
  if (kind === "words") return text === NONE ? null : text;
  return text === "" ? (optional ? null : due) : meant(text);
}

function text(due) {
  if (typeof due === "boolean") return due ? "on" : "off";
  if (due === null || due?.length === 0) return "none";
  return Array.isArray(due) ? due.join(", ") : value(due);
}
