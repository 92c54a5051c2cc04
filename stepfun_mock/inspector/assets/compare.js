// Two requests side by side, with what differs marked.

import { ask } from "./api.js";
import { fill, find, make } from "./element.js";
import { sent } from "./parameters.js";
import { figure } from "./picture.js";
import { measured } from "./shape.js";
import { refresh, state } from "./state.js";
import { word } from "./status.js";
import { counted, moment, size, took, value, visible } from "./words.js";

const ORDER = [
  "model",
  "prompt",
  "size",
  "seed",
  "steps",
  "cfg_scale",
  "negative_prompt",
  "text_mode",
  "n",
  "response_format",
];
const PASSING = new Set(["time", "took"]); // always differ, and tell nothing

let unanswered = null; // the numbers for which no reply came
let turn = 0; // of those asked for, the last

/** Show two requests in the dialog. */
export async function show(left, right) {
  const dialog = find("compare");
  const body = find("compared");
  const mine = (turn += 1);
  unanswered = null;
  fill(find("compare-heading"), `Requests ${left} and ${right}`);
  fill(body, make("p.quiet", {}, "Loading"));
  if (!dialog.open) dialog.showModal();
  try {
    const asked = [left, right].map((number) => ask(`requests/${number}`));
    const [, ...pair] = await Promise.all([refresh(), ...asked]); // a choice may just have changed
    if (mine === turn) fill(body, content(pair));
  } catch (problem) {
    if (mine !== turn) return;
    if (!problem.status) unanswered = [left, right];
    fill(body, make("p.fault", { role: "alert" }, problem.message));
  }
}

/** Show them, where no reply came and one may come now. */
export function retry() {
  if (unanswered) show(...unanswered);
}

/** Close the dialog, where it is open. */
export function leave() {
  turn += 1;
  unanswered = null;
  find("compare").close();
}

function content(pair) {
  const parameters = lines(pair.map(parametersOf));
  const rest = lines(pair.map(circumstances));
  const differing = parameters.filter(differs).length;
  const verdict = differing ? `${counted(differing, "parameter")} of ${parameters.length}` : "No parameter";
  const same = make("span");
  alike(pair).then((text) => same.append(text));
  return [
    make("p.lead", {}, `${verdict} ${differing > 1 ? "differ" : "differs"}. `, same),
    make("div.pair", {}, pair.map((row) => make("div", {}, figure(row)))),
    grid(pair.map((row) => `Request ${row.number}`), [...parameters, ...rest]),
  ];
}

function grid(names, found) {
  const heads = names.map((name) => make("th", { scope: "col" }, name));
  const head = make("thead", {}, make("tr", {}, make("td"), heads, make("td")));
  const body = make("tbody", {}, found.map((line) => entry(line, names)));
  const table = make("table.comparison", {}, head, body);
  return make("div.wide", { tabindex: "0", role: "region", "aria-label": "What differs" }, table);
}

// Where it is narrow the two stand one below the other, and each says whose it is.
function entry(line, names) {
  const [name, ...texts] = line;
  const marked = differs(line) && !PASSING.has(name);
  return make(
    marked ? "tr.differs" : "tr",
    {},
    make("th", { scope: "row" }, make("bdi", {}, visible(name))),
    texts.map((text, at) => make("td", { "data-of": names[at] }, make("bdi", { dir: "auto" }, text))),
    make("td", {}, marked && make("span.tag.differs", {}, "differs")),
  );
}

function differs([, one, other]) {
  return one !== other;
}

/** What is told of two requests, as lines of a name and two texts. */
function lines([one, other]) {
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].map((name) => [name, one.get(name) ?? "none", other.get(name) ?? "none"]);
}

/** What a request asked for, in words: one that was refused as if it had been taken. */
function parametersOf(row) {
  const given = sent(row.request.body);
  const known = row.parameters || (given && completed(given));
  if (!known) return new Map();
  const told = new Map(ORDER.map((name) => [name, known[name]]));
  told.set("seed", row.seed ?? known.seed);
  for (const [name, one] of told) told.set(name, one === null ? "none" : value(one));
  const found = measured(told.get("size"));
  if (found) told.set("size", size(found.width, found.height));
  for (const [name, one] of Object.entries(given || {})) {
    if (!told.has(name)) told.set(name, value(one));
  }
  return told;
}

/** The known fields of a request that was refused, with what holds for those left out. */
function completed(given) {
  const absent = state.choices.find(({ name }) => name === "null_fields").value === "absent";
  const pairs = state.parameters.map(({ name, kind, default: due }) => {
    const one = given[name];
    if (one === undefined || (one === null && absent)) return [name, due];
    return [name, kind === "number" ? plain(one) : value(one)];
  });
  return Object.fromEntries(pairs);
}

/** To the API 1.0 is 1 where a number may have a fraction; where it must be whole, it is refused. */
function plain(given) {
  const number = typeof given === "string" ? NaN : Number(value(given));
  return Number.isFinite(number) ? number : value(given);
}

function circumstances(row) {
  return new Map([
    ["status", row.status ? `${row.status} ${word(row)}` : "no reply"],
    ["refusal", visible(row.message ?? "none")],
    ["fault", row.fault ?? "none"],
    ["client", visible(row.client) || "unnamed client"],
    ["time", moment(row.at)],
    ["took", took(row.seconds, row.held)],
  ]);
}

/** Whether the two pictures are the same, byte by byte. */
async function alike(pair) {
  if (!pair.every((row) => row.image)) return "";
  try {
    const [one, other] = await Promise.all(pair.map((row) => bytes(row.image)));
    const same = one.length === other.length && one.every((byte, place) => byte === other[place]);
    return same ? "The pictures are the same, byte by byte." : "The pictures are not the same.";
  } catch {
    return "";
  }
}

async function bytes(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`${address} answered ${reply.status}`);
  return new Uint8Array(await reply.arrayBuffer());
}
