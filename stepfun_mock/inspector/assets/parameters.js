// The parameters of a request, in words: those that were sent, and those that were left out.

import { make } from "./element.js";
import { read } from "./json.js";
import { size, value, visible } from "./words.js";

const SHOWN = ["seed", "steps", "cfg_scale", "response_format", "text_mode", "n"];
const QUIET = new Set(["n", "text_mode"]); // in a row only where they were sent

/** One line of parameters; what was not sent is grey. */
export function line(row) {
  const { parameters, given } = row;
  const sent = new Set(given);
  const pieces = [piece(size(parameters.width, parameters.height), sent.has("size"))];
  for (const name of SHOWN) {
    if (QUIET.has(name) && !sent.has(name)) continue;
    const shown = name === "seed" ? row.seed ?? parameters.seed : parameters[name];
    const words = name === "response_format" ? `as ${shown}` : `${name} ${value(shown)}`;
    if (shown !== null) pieces.push(piece(words, sent.has(name)));
  }
  if (parameters.negative_prompt) {
    pieces.push(piece(["negative_prompt ", make("bdi", {}, value(parameters.negative_prompt))], true));
  }
  return make("ul.parameters", {}, pieces);
}

function piece(inside, sent) {
  if (sent) return make("li", {}, inside);
  const said = make("span.hidden", {}, " by default");
  return make("li.default", { title: "left out; this holds then" }, inside, said);
}

/** Where a name stands in a sentence, alone; a name may hold any sign, since clients choose theirs. */
function named(name) {
  return new RegExp(`(?<!\\w)${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\w)`);
}

/** The sentence of a refusal, with the parameter at fault marked. */
export function blamed({ message, parameter }) {
  if (!parameter) return [visible(message)];
  const name = visible(parameter);
  const mark = make("code.field", {}, make("bdi", {}, name));
  const [before, ...after] = visible(message).split(named(name));
  return after.length ? [before, mark, after.join(name)] : [mark, " ", before];
}

/** Every parameter as a table; the one at fault is marked, with why. */
export function table(row, body) {
  const known = row.parameters || sent(body);
  if (!known) return null;
  const given = new Set(row.parameters ? row.given : Object.keys(known));
  const names = Object.keys(known).filter((name) => name !== "width" && name !== "height");
  if (row.parameter && !names.includes(row.parameter)) names.push(row.parameter);
  const rows = names.map((name) => entry(row, name, known[name], given.has(name)));
  return make("dl.table", {}, rows);
}

function entry(row, name, given, sent) {
  const fault = name === row.parameter && row.message;
  const shown = [make("bdi", { dir: "auto" }, text(row, name, given))];
  if (row.parameters && !sent) shown.push(make("span.quiet", {}, "by default"));
  if (fault) shown.push(make("p.fault", {}, visible(row.message)));
  return make(
    fault ? "div.wrong" : sent ? "div" : "div.default",
    {},
    make("dt", {}, make("bdi", {}, visible(name))),
    make("dd", {}, shown),
  );
}

function text(row, name, given) {
  if (given === undefined) return "left out";
  if (name === "size" && row.parameters) {
    return `${given}: ${size(row.parameters.width, row.parameters.height)}`;
  }
  if (name === "seed" && given === null) return row.seed === null ? "none" : `${row.seed}, drawn`;
  return value(given);
}

/** The fields of a body, with numbers as they are written; null where it cannot be read. */
export function sent(body) {
  try {
    const found = read(body);
    return found && typeof found === "object" && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}
