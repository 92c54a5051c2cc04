// Faults at random, the same each time for a seed.

import { ask } from "./api.js";
import { make } from "./element.js";
import { field, meant, outcome } from "./fields.js";
import { refresh, watch } from "./state.js";

/** The control of chaos. */
export function chaos() {
  const rate = field("rate", input("0.1"), "the share of requests that meet a fault, from 0 to 1");
  const seed = field("seed", input("7"), "the same seed brings the same faults");
  const now = make("p", { role: "status" });
  const result = outcome();
  const on = make("button.primary", {}, "Let loose");
  const off = make("button", { type: "button" }, "Calm");
  const form = make(
    "form.grid",
    { novalidate: true },
    [rate.node, seed.node],
    make("div.actions", {}, on, off, result.node),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = { rate: meant(rate.control.value.trim()), seed: meant(seed.control.value.trim()) };
    order({ method: "PUT", body }, result);
  });
  off.addEventListener("click", () => order({ method: "DELETE" }, result));
  watch(({ faults: { chaos: loose } }) => {
    off.hidden = !loose;
    on.textContent = loose ? "Change" : "Let loose";
    now.className = loose ? "" : "quiet";
    now.textContent = loose
      ? `On: ${loose.rate} of the requests, seed ${loose.seed}.`
      : "Off. No request meets a fault by chance.";
  });
  return { node: make("section.control", {}, make("h3", {}, "Chaos"), now, form) };
}

function input(value) {
  return make("input", { type: "text", inputmode: "decimal", value, autocomplete: "off" });
}

async function order(how, result) {
  try {
    await ask("chaos", how);
    await refresh();
    result.done();
  } catch (problem) {
    result.failed(problem);
  }
}
