// The mock's time: to see, to move on, to stop.

import { link } from "./address.js";
import { fill, make } from "./element.js";
import { field, form, meant, menu, outcome } from "./fields.js";
import { order } from "./order.js";
import { now, shift, state, watch } from "./state.js";
import { counted, moment, shifted, span } from "./words.js";

const STEPS = [
  ["+ 1 min", 60],
  ["+ 1 h", 3600],
  ["+ 2 h", 7200],
];

/** The control of the clock. */
export function clock() {
  const time = make("p.time");
  const expiry = next();
  const result = outcome();
  const tell = () => {
    const still = state.clock.frozen ? ", standing still" : "";
    fill(
      time,
      make("strong", {}, moment(now())),
      make("span.quiet", {}, ` ${shifted(shift()) || "real time"}${still}`),
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

/** Which links die next. Their elements stay, so that the focus does, too. */
function next() {
  const before = make("span");
  const request = make("a");
  const after = make("span");
  const tell = (expiry) => {
    const others = expiry?.links - 1;
    const first = others ? `The next ${others + 1} links to die are those of ` : "The next link to die is that of ";
    before.textContent = expiry ? first : "No link is alive.";
    request.hidden = !expiry;
    const beside = others ? ` and ${counted(others, "other")}` : "";
    after.textContent = expiry ? `${beside}, in ${span(Math.max(0, expiry.expires - now()))}.` : "";
    if (!expiry) return;
    request.textContent = `request ${expiry.number}`;
    request.href = link("request", expiry.number);
  };
  return { node: make("p.quiet", {}, before, request, after), tell };
}

function steps(result) {
  const button = (words, body) => {
    const made = make("button", { type: "button" }, words);
    made.addEventListener("click", () => move(body(), result));
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
  const input = make("input", { type: "text", inputmode: "decimal", value: "30", autocomplete: "off" });
  const amount = field("Move on by", input);
  const unit = menu([["seconds", "seconds"], ["minutes", "minutes"], ["hours", "hours"]], "minutes");
  unit.setAttribute("aria-label", "Unit");
  const button = make("button", {}, "Move");
  const go = () => move({ advance: { [unit.value]: meant(amount.control.value.trim()) } }, result);
  const written = form("inline", result, go, amount.node, unit, button, result.node);
  watch((_, anew) => anew && written.reset());
  return written;
}

function move(body, result) {
  return order("clock", { method: "POST", body }, result, "The clock is set");
}
