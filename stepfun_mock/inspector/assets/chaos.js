// Faults at random, the same each time for a seed.

import { make } from "./element.js";
import { field, form, meant, outcome } from "./fields.js";
import { order } from "./order.js";
import { watch } from "./state.js";
import { share } from "./words.js";

/** The control of chaos. */
export function chaos() {
  const rate = field("rate", input("0.1"), "the share of requests that meet a fault, from 0 to 1");
  const seed = field("seed", input("7"), "the same seed brings the same faults");
  const now = make("p");
  const result = outcome();
  const on = make("button.primary");
  const off = make("button", { type: "button" }, "Calm");
  const put = () => {
    const body = { rate: meant(rate.control.value.trim()), seed: meant(seed.control.value.trim()) };
    order("chaos", { method: "PUT", body }, result, "Chaos is loose");
  };
  const actions = make("div.actions", {}, on, off, result.node);
  const written = form("grid", result, put, rate.node, seed.node, actions);
  off.addEventListener("click", () => order("chaos", { method: "DELETE" }, result, "Chaos is off"));
  let last = "";
  watch(({ faults: { chaos: loose } }, anew) => {
    if (anew) written.reset();
    off.hidden = !loose;
    on.textContent = loose ? "Change" : "Let loose";
    now.className = loose ? "" : "quiet";
    now.textContent = loose
      ? `On: ${share(loose.rate)} of the requests, seed ${loose.seed}.`
      : "Off. No request meets a fault by chance.";
    const found = loose ? `${loose.rate} ${loose.seed}` : "";
    if (found && (anew || found !== last)) {
      rate.control.value = loose.rate;
      seed.control.value = loose.seed;
    }
    last = found;
  });
  return { node: make("section.control", {}, make("h3", {}, "Chaos"), now, written) };
}

function input(value) {
  return make("input", { type: "text", inputmode: "decimal", value, autocomplete: "off" });
}
