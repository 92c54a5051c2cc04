// One request, whole.

import { go, link } from "./address.js";
import { ask } from "./api.js";
import * as code from "./code.js";
import { copier } from "./copy.js";
import { coded, fill, make } from "./element.js";
import { blamed, table } from "./parameters.js";
import { dead, figure, spoilt } from "./picture.js";
import { now } from "./state.js";
import { status } from "./status.js";
import { moment, span, took } from "./words.js";

let wanted = null; // the number that is to be shown
let shown = null; // the number that is shown
let moving = null; // what can still change: advice, and the link

/** Load a request and show it. */
export async function show(number) {
  wanted = number;
  const row = await ask(`requests/${number}`);
  const parts = make("div", {}, later(row));
  // Another may have been asked for meanwhile, and be there already.
  if (wanted === number) [shown, moving] = [number, parts];
  return { title: `Request ${number}`, content: content(row, parts) };
}

/** More is known of a request. */
export function update(row) {
  if (row.number === shown) fill(moving, later(row));
}

/** Something else is shown. */
export function leave() {
  wanted = shown = null;
}

function content(row, moving) {
  return [
    summary(row),
    (row.kind === "generation" || row.image) && figure(row),
    refusal(row),
    moving,
    parameters(row),
    code.body("Request", row.request, row.parameter),
    code.headers("Request headers", row.request.headers),
    code.reply(row.reply),
    code.headers("Reply headers", row.reply.headers),
    make("h3", {}, "Send it again"),
    row.curl ? [code.block("curl", row.curl), code.block("Python", row.python)] : make("p", {}, row.why),
    row.kind === "generation" && comparing(row.number),
  ];
}

function summary(row) {
  const time = took(row.seconds, row.held);
  const facts = [`${row.method} ${row.path.split("?")[0]}`, moment(row.at), time];
  return make(
    "div.summary",
    {},
    status(row),
    fault(row),
    make("p.quiet", {}, [...facts, row.client || "unnamed client"].join(" · ")),
  );
}

function fault(row) {
  if (row.picture === "spoilt") return make("span.tag.differs", {}, spoilt(row));
  return row.fault && make("span.tag.inconclusive", {}, `fault ${row.fault}`);
}

function refusal(row) {
  if (!row.message) return null;
  const rule = row.refusal && make("span.source", {}, row.refusal);
  return make("p.message.broken", {}, make("bdi", {}, blamed(row)), rule);
}

function later(row) {
  return [row.advice.map(advice), row.link && picture(row)];
}

function advice({ message, rule }) {
  const source = rule && make("span.source", {}, rule);
  return make("p.message.differs", {}, make("span.label.differs", {}, "advice"), coded(message), source);
}

function picture(row) {
  const { url, expires, fetched } = row.link;
  const left = expires - now();
  const life = dead(row) || (left > 0 ? `dies in ${span(left)}` : `has been dead for ${span(left)}`);
  const times = fetched ? `was fetched ${fetched === 1 ? "once" : `${fetched} times`}` : "was not fetched";
  return make(
    "p.link",
    {},
    `The link ${life}, and ${times}. `,
    copier("the link", () => url),
  );
}

function parameters(row) {
  const found = table(row, row.request.body);
  const names = row.unknown.join(", ");
  const unknown = names && `Passed over, as the API does not know it: ${names}`;
  if (!found || row.kind !== "generation") return null;
  return [make("h3", {}, "Parameters"), found, unknown && make("p.quiet", {}, unknown)];
}

function comparing(number) {
  const field = make("input", {
    name: "other",
    type: "number",
    min: "1",
    required: true,
    value: number > 1 ? String(number - 1) : "",
    "aria-label": "Number of the other request",
  });
  const form = make(
    "form.inline",
    {},
    make("label", {}, "Compare with request ", field),
    make("button", {}, "Compare"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(link("compare", number, Number(field.value)));
  });
  return [make("h3", {}, "Beside another"), form];
}
