// A request as a row of the list.

import { link } from "./address.js";
import { choose, chosen } from "./chosen.js";
import { make } from "./element.js";
import { blamed, line } from "./parameters.js";
import { spoilt, thumbnail } from "./picture.js";
import { status } from "./status.js";
import { clock, moment, took, visible } from "./words.js";

const ADVICE = 2; // pieces in a row; all of them stand in the details

// Only what was laid out tells whether it is too long for its lines.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const more = target.closest("div")?.querySelector(".more");
    if (!more || target.classList.contains("whole")) continue;
    more.hidden = target.scrollHeight <= target.clientHeight + 1;
  }
});

/** The element of a row. */
export function element(row) {
  const quiet = row.kind !== "generation";
  const kind = quiet ? "li.row.slight" : "li.row";
  return make(kind, { "data-number": row.number }, quiet ? slight(row) : generation(row));
}

function generation(row) {
  return [
    make(
      "label.choice",
      { title: "Choose to compare" },
      make("input", {
        type: "checkbox",
        "aria-label": `Compare request ${row.number}`,
        checked: chosen().includes(row.number),
        onchange: (event) => choose(row.number, event.target.checked),
      }),
    ),
    thumbnail(row),
    make("div.said", {}, title(row), row.parameters && line(row), remarks(row)),
    facts(row),
  ];
}

function title(row) {
  const prompt = row.parameters?.prompt ?? row.prompt;
  const words = visible(prompt ?? `${row.method} ${row.path}`);
  const open = make(
    "a.open",
    { href: link("request", row.number) },
    make("span.hidden", {}, `Request ${row.number}: `),
    make("span.prompt", { dir: "auto" }, words || "an empty prompt"),
  );
  if (prompt === null) return make("div", {}, open);
  const text = open.lastChild;
  sizes.observe(text);
  const given = { type: "button", hidden: true, "aria-expanded": "false" };
  const more = make("button.more", given, "more");
  more.addEventListener("click", () => {
    const whole = text.classList.toggle("whole");
    more.textContent = whole ? "less" : "more";
    more.setAttribute("aria-expanded", String(whole));
  });
  return make("div", {}, open, more);
}

/** What went wrong, what was done on purpose, and what would be better. */
function remarks(row) {
  const found = [];
  if (row.message) found.push(refusal(row));
  if (row.picture === "spoilt") found.push(make("p.remark", {}, label(spoilt(row), "differs")));
  else if (row.fault) found.push(make("p.remark", {}, label("fault", "inconclusive"), row.fault));
  for (const { message } of row.advice.slice(0, ADVICE)) {
    const text = make("bdi", {}, visible(message));
    found.push(make("p.remark", {}, label("advice", "differs"), text));
  }
  const rest = row.advice.length - ADVICE;
  if (rest > 0) found.push(make("p.remark.quiet", {}, `and ${rest} more`));
  return found;
}

function refusal(row) {
  const word = row.status < 500 ? "refused" : "failed";
  return make("p.remark", {}, label(word, "broken"), make("bdi", {}, blamed(row)));
}

function label(word, colour) {
  return make(`span.label.${colour}`, {}, word);
}

function facts(row) {
  const at = make("time", { datetime: iso(row.at), title: moment(row.at) }, clock(row.at));
  return make(
    "div.facts-of",
    {},
    status(row),
    make("span", {}, `${took(row.seconds, row.held)}, `, at),
    make("span.client", { title: row.client || null }, row.client || "unnamed client"),
  );
}

/** A picture that was fetched, a list of models, a path that is not there. */
function slight(row) {
  const words = visible(`${row.method} ${row.path.split("?")[0]}`);
  return [
    make(
      "div.said",
      {},
      make(
        "a.open",
        { href: link("request", row.number) },
        make("span.hidden", {}, `Request ${row.number}: `),
        make("span.prompt", {}, words),
      ),
      remarks(row),
    ),
    facts(row),
  ];
}

function iso(seconds) {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
