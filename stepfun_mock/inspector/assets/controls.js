// The controls of the mock: what goes wrong next, what time it is, what it chooses.

import { ask } from "./api.js";
import { chaos } from "./chaos.js";
import { choices } from "./choices.js";
import { clock } from "./clock.js";
import { find, make } from "./element.js";
import { faults } from "./faults.js";
import { refresh, state } from "./state.js";

let content = null;
let parts = [];

/** The controls; what was written in them stays while the page does. */
export async function show() {
  if (!state) await refresh();
  if (!content) {
    const { faults: known } = await ask("catalogue");
    parts = [faults(known), chaos(), clock(), choices()];
    content = [...parts.map((one) => one.node), session()];
  }
  for (const one of parts) one.enter?.();
  return { title: "Controls", content };
}

/** Something else is shown. */
export function leave() {
  for (const one of parts) one.leave?.();
}

/** What was asked and answered, to keep or to forget. */
function session() {
  const reset = make("button.danger", { type: "button" }, "Reset");
  reset.addEventListener("click", () => find("reset").showModal());
  const file = (name, words) => make("a.button", { href: name, download: `stepfun-mock-${name}` }, words);
  return make(
    "section.control",
    {},
    make("h3", {}, "Session"),
    make("p.quiet", {}, "Every request that is kept, as a file."),
    make("div.actions", {}, file("session.json", "Export JSON"), file("session.har", "Export HAR")),
    make("p.quiet", {}, "Or all as at the start: requests, faults, clock and choices."),
    make("div.actions", {}, reset),
  );
}
