// One request, whole.

import { go, link } from "./address.js";
import { ask } from "./api.js";
import * as code from "./code.js";
import { copier } from "./copy.js";
import { coded, make } from "./element.js";
import { blamed, table } from "./parameters.js";
import { dead, figure, spoilt } from "./picture.js";
import { now } from "./state.js";
import { status } from "./status.js";
import { moment, span, took, value, visible } from "./words.js";

let wanted = null; // the number that is to be shown
let shown = null; // the number that is shown
let moving = null; // what can still change of it: what became of its link

/** Load a request and show it. */
export async function show(number) {
  wanted = number;
  const row = await ask(`requests/${number}`);
  const link = row.link && linked(row);
  // Another may have been asked for meanwhile, and be there already.
  if (wanted === number) [shown, moving] = [number, link];
  return { title: `Request ${number}`, content: content(row, link) };
}

/** More is known of a request. */
export function update(row) {
  if (row.number === shown) moving?.tell(row);
}

/** Something else is shown. */
export function leave() {
  wanted = shown = null;
}

function content(row, link) {
  return [
    summary(row),
    (row.kind === "generation" || row.image) && figure(row),
    refusal(row),
    row.advice.map(advice),
    link?.node,
    parameters(row),
    code.body("Request", row.request, row.parameter),
    code.headers("Request headers", row.request.headers),
    code.reply(row.reply),
    code.headers("Reply headers", row.reply.headers),
    make("h3", {}, "Send it again"),
    row.notes.map((note) => make("p", {}, note)),
    row.curl ? [code.block("curl", row.curl), code.block("Python", row.python)] : make("p", {}, row.why),
    row.kind === "generation" && comparing(row.number),
  ];
}

function summary(row) {
  const time = took(row.seconds, row.held);
  const path = make("bdi", {}, visible(`${row.method} ${row.path.split("?")[0]}`));
  const facts = [moment(row.at), time, visible(row.client) || "unnamed client"];
  return make(
    "div.summary",
    {},
    status(row),
    fault(row),
    make("p.quiet", {}, path, " · ", facts.join(" · ")),
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

function advice({ message, rule }) {
  const source = rule && make("span.source", {}, rule);
  const text = make("bdi", {}, coded(visible(message)));
  return make("p.message.differs", {}, make("span.label.differs", {}, "advice"), text, source);
}

/** What became of its link. The elements stay, so that the focus does, too. */
function linked(row) {
  const words = make("span");
  const tell = (fresh) => (words.textContent = fate(fresh));
  const node = make("p.link", {}, words, " ", copier("the link", () => row.link.url));
  tell(row);
  return { node, tell };
}

function fate(row) {
  const { expires, fetched } = row.link;
  const left = expires - now();
  const life = dead(row) || (left > 0 ? `dies in ${span(left)}` : `has been dead for ${span(left)}`);
  const times = fetched ? `was fetched ${fetched === 1 ? "once" : `${fetched} times`}` : "was not fetched";
  return `The link ${life}, and ${times}.`;
}

function parameters(row) {
  const found = table(row, row.request.body);
  if (!found || row.kind !== "generation") return null;
  return [make("h3", {}, "Parameters"), found, row.unknown.length > 0 && passedOver(row.unknown)];
}

function passedOver(names) {
  const listed = names.flatMap((name, at) => [at > 0 && ", ", make("bdi", {}, value(name))]);
  return make("p.quiet", {}, "Passed over, as the API does not know it: ", listed);
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
