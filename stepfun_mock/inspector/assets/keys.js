// Keys beyond those of the browser: j and k go from request to request, Escape closes.

import { find } from "./element.js";

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/** @param {import("./pane.js").Pane} pane */
export function start(pane) {
  document.addEventListener("keydown", (event) => {
    // Who writes Chinese or Japanese takes back a candidate with Escape.
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") pane.close();
    else if (STEPS[event.key] && may(event)) step(event, STEPS[event.key], pane);
  });
}

// Who dictates sets off no letter where something else has the focus; arrows there are for scrolling.
// The heading has it once a request was opened.
function may({ target, key }) {
  if (target.closest("input, textarea, select")) return false;
  if (target === find("heading")) return Boolean(document.querySelector(".row.current"));
  return Boolean(target.closest("#rows")) || (key.length === 1 && target === document.body);
}

function step(event, by, pane) {
  const rows = [...find("rows").children];
  const here = event.target.closest(".row") || document.querySelector(".row.current");
  const next = here ? rows[rows.indexOf(here) + by] : rows[0];
  if (!next) return;
  event.preventDefault();
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a").focus({ preventScroll: true });
  if (document.querySelector(".row.current")) pane.follow(Number(next.dataset.number));
}
