// A form that sends a request. It refuses nothing itself: what the mock says of it is what counts.

import { link } from "./address.js";
import { ask, generate } from "./api.js";
import { make } from "./element.js";
import { field, form, meant, menu, outcome } from "./fields.js";
import { literal } from "./json.js";
import { sizes } from "./sizes.js";
import { refresh, state, watch } from "./state.js";
import { length, visible, whole } from "./words.js";

const LOOKED_AT = 10; // newest requests among which the one that was sent is looked for

let content = null;

/** The form; what was written in it stays while the page does. */
export async function show() {
  if (!state) await refresh();
  content ??= build(state);
  return { title: "Send a request", content };
}

function build({ parameters }) {
  const fields = new Map(parameters.map((one) => [one.name, made(one)]));
  const secret = keyField();
  const result = outcome();
  const button = make("button.primary", {}, "Send");
  const submit = async () => {
    for (const one of fields.values()) one.wrong(null);
    button.disabled = true;
    result.done("Sent; waiting for the reply");
    try {
      await send(body(fields), state.key ?? secret.control.value, fields, result);
    } catch (problem) {
      result.failed(problem);
    } finally {
      button.disabled = false;
    }
  };
  const actions = make("div.actions", {}, button, result.node);
  return form("sender", result, submit, secret.node, ordered(fields), actions);
}

/** What is written most stands first, and what is long has the whole width. */
function ordered(fields) {
  const { prompt, negative_prompt: without, size, model, ...rest } = Object.fromEntries(fields);
  for (const one of [prompt, without, size]) one?.node.classList.add("full");
  const all = [prompt, size, without, ...Object.values(rest), model];
  return all.filter(Boolean).map((one) => one.node);
}

function keyField() {
  const control = make("input", { type: "password", autocomplete: "off", spellcheck: "false" });
  const made = field("key", control, "this server knows certain keys alone; it is sent and not stored");
  watch(({ key }) => (made.node.hidden = key !== null));
  return made;
}

function made(parameter) {
  if (parameter.name === "size") return sizes(parameter);
  if (parameter.max_length) return written(parameter);
  const control = choice(parameter) || number(parameter);
  return { ...field(title(parameter), control, hint(parameter)), value: () => control.value };
}

function title({ name, required }) {
  return required ? `${name} (required)` : name;
}

function choice({ name, kind, values, default: due, required }) {
  if (kind === "boolean") {
    return menu([["", `left out: ${due}`], ["true", "true"], ["false", "false"]]);
  }
  if (!values.length || name === "n") return null;
  const options = values.map((value) => [String(value), String(value)]);
  return required
    ? menu(options, String(values[0]))
    : menu([["", `left out: ${due}`], ...options]);
}

function number({ default: due }) {
  const placeholder = due === null ? "left out" : `left out: ${due}`;
  return make("input", { type: "text", inputmode: "decimal", placeholder });
}

function hint({ about, note, minimum, maximum, kind }) {
  const sort = kind === "integer" ? "whole number" : "number";
  const range = minimum === null ? "" : `${sort} from ${whole(minimum)} to ${whole(maximum)}`;
  return [about, range, note].filter(Boolean).join("; ");
}

/** A text, with how much of its length is used. */
function written(parameter) {
  const control = make("textarea", { rows: parameter.required ? "3" : "2", dir: "auto" });
  const made = field(title(parameter), control, hint(parameter));
  const count = make("span.count");
  made.node.querySelector("label").append(count);
  const show = () => {
    const unit = state.choices.find(({ name }) => name === "length_unit")?.value;
    const long = length(control.value, unit);
    count.textContent = `${whole(long)} of ${whole(parameter.max_length)}`;
    count.classList.toggle("over", long > parameter.max_length);
  };
  control.addEventListener("input", show);
  control.addEventListener("focus", show);
  show();
  return { ...made, value: () => control.value, text: true };
}

function body(fields) {
  const sent = {};
  for (const [name, one] of fields) {
    const given = one.value();
    if (given === "" && name !== "prompt") continue;
    const worded = one.text || name === "size" || name === "model";
    sent[name] = worded ? given : meant(given.trim(), literal);
  }
  return sent;
}

async function send(sent, key, fields, result) {
  // The page may stand at another name of the same server, and asks under its own.
  const path = `${new URL(state.base_url).pathname.replace(/\/$/, "")}/images/generations`;
  const reply = await generate(path, key, sent);
  const row = await look(sent, reply).catch(() => null);
  const number = row && make("a", { href: link("request", row.number) }, `request ${row.number}`);
  if (reply.message) {
    const at = fields.get(row?.parameter);
    at?.wrong(visible(reply.message));
    if (at) point(at.node);
    const text = at ? `see ${row.parameter}, or ` : `${visible(reply.message)} `;
    result.done(`${reply.status}: `, text, number);
    result.node.classList.add("fault");
  } else {
    result.done(`${reply.status}: `, number || "a reply came", " ");
    const image = { src: row?.image, alt: "The picture that came" };
    if (row?.image) result.node.append(make("img.sent", image));
  }
}

/** Bring a field that is wrong into view, and the focus into it. */
function point(node) {
  node.querySelector("[aria-invalid]")?.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}

/** The request that was just sent, by what came of it. */
async function look(sent, reply) {
  const { rows } = await ask(`requests?kind=generation&limit=${LOOKED_AT}`);
  const seed = reply.content?.data?.[0]?.seed;
  return rows.find((row) =>
    reply.message
      ? row.message === reply.message
      : row.parameters?.prompt === sent.prompt && (seed === undefined || row.seed === seed),
  );
}
