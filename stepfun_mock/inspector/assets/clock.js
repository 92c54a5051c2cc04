// The mock's time: to see, to move on, to stop.

import { link } from "./address.js";
import { ask } from "./api.js";
import { fill, make } from "./element.js";
import { field, meant, menu, outcome } from "./fields.js";
import { now, refresh, state, watch } from "./state.js";
import { moment, span } from "./words.js";

const STEPS = [
  ["+ 1 min", 60],
  ["+ 1 h", 3600],
  ["+ 2 h", 7200],
];
const SHIFTED = 2; // seconds from which the mock's time is another than here

/** The control of the clock. */
export function clock() {
  const time = make("p.time");
  const expiry = next();
  const result = outcome();
  const tell = () => {
    const { clock: shown } = state;
    const ahead = now() - Date.now() / 1000;
    const shifted = `${span(ahead)} ${ahead > 0 ? "ahead" : "behind"}`;
    const shift = Math.abs(ahead) < SHIFTED ? "real time" : shifted;
    fill(
      time,
      make("strong", {}, moment(now())),
      make("span.quiet", {}, ` ${shift}${shown.frozen ? ", standing still" : ""}`),
    );
    expiry.tell(state.next_expiry);
  };
  let timer = null;
  watch(tell);
  return {
    node: make(
      "section.control",
      {},
      make("h3", {}, "Clock"),
      [time, expiry.node, steps(result), any(result)],
    ),
    enter: () => (timer = setInterval(tell, 1000)),
    leave: () => clearInterval(timer),
  };
}

/** Which link dies next. Its elements stay, so that the focus does, too. */
function next() {
  const before = make("span");
  const request = make("a");
  const after = make("span");
  const tell = (expiry) => {
    before.textContent = expiry ? "The next link to die is that of " : "No link is alive.";
    request.hidden = !expiry;
    after.textContent = expiry ? `, in ${span(expiry.expires - now())}.` : "";
    if (!expiry) return;
    request.textContent = `request ${expiry.number}`;
    request.href = link("request", expiry.number);
  };
  return { node: make("p.quiet", {}, before, request, after), tell };
}

function steps(result) {
  const button = (words, body) => {
    const made = make("button", { type: "button" }, words);
    made.addEventListener("click", () => order(body(), result));
    return made;
  };
  const freeze = button("Freeze", () => (state.clock.frozen ? { unfreeze: true } : { freeze: true }));
  watch(({ clock: { frozen } }) => (freeze.textContent = frozen ? "Let it run" : "Freeze"));
  return make(
    "div.actions",
    {},
    STEPS.map(([words, seconds]) => button(words, () => ({ advance: seconds }))),
    freeze,
    button("Real time", () => ({ reset: true })),
  );
}

function any(result) {
  const input = make("input", { type: "text", inputmode: "decimal", value: "30" });
  const amount = field("Move on by", input);
  const unit = menu([["seconds", "seconds"], ["minutes", "minutes"], ["hours", "hours"]], "minutes");
  unit.setAttribute("aria-label", "Unit");
  const button = make("button", {}, "Move");
  const form = make("form.inline", { novalidate: true }, amount.node, unit, button, result.node);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    order({ advance: { [unit.value]: meant(amount.control.value.trim()) } }, result);
  });
  return form;
}

async function order(body, result) {
  try {
    await ask("clock", { method: "POST", body });
    await refresh();
    result.done();
  } catch (problem) {
    result.failed(problem);
  }
}
