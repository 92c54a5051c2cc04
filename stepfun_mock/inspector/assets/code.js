// Text of machines: bodies, headers, commands.

import { copier } from "./copy.js";
import { make } from "./element.js";
import { visible, whole } from "./words.js";

/** A block of code under a heading, with hidden signs written out; a button copies it as it is. */
export function block(title, text, { mark = null, note = null, lead = null } = {}) {
  const shown = visible(text);
  const code = make("code", {}, mark ? marked(shown, mark) : shown);
  return make(
    "section.block",
    {},
    make("div.title", {}, make("h4", {}, title), text ? copier(title, () => text) : null),
    lead ? make("p", {}, lead) : null,
    text ? make("pre", { tabindex: "0", role: "region", "aria-label": title }, code) : null,
    note ? make("p.quiet", {}, note) : null,
  );
}

/** A body: JSON set out in lines where it is JSON, and as it came where it is not. */
export function body(title, { body: text, cut }, mark = null) {
  const lost = text ? "It was longer; the rest is not kept." : "Nothing of the body is kept.";
  const note = cut ? lost : text ? null : "No body.";
  return block(title, cut ? text : pretty(text), { mark, note });
}

/** The body of a reply, as far as it was sent. */
export function reply({ body: text, cut, sent, size, payload_left_out: shortened, headers }) {
  if (!shortened && !sent) return body("Reply", { body: text, cut });
  const kind = new Map(headers).get("content-type");
  const rest = text ? `The payload is shortened: ${whole(size)} bytes were sent.` : null;
  const note = shortened ? (rest ?? `${whole(size)} bytes of ${kind}.`) : null;
  return block("Reply", cut ? text : pretty(text), { note, lead: sent });
}

/** Headers that fold away. */
export function headers(title, pairs) {
  const lines = pairs.map(([name, value]) => visible(`${name}: ${value}`)).join("\n");
  const shown = make("pre", { tabindex: "0" }, make("code", {}, lines));
  return make("details.headers", {}, make("summary", {}, `${title} (${pairs.length})`), shown);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

// Not by JSON.stringify alone: it would change long numbers, and lose what stands there twice.
function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const lines = [];
  let depth = 0;
  let before = "";
  for (const token of text.match(TOKENS) || []) {
    const closes = token === "}" || token === "]";
    if (closes) depth -= 1;
    const empty = closes && (before === "{" || before === "[");
    if (!empty && (closes || "{[,".includes(before || "x"))) lines.push(`\n${"  ".repeat(depth)}`);
    lines.push(token === ":" ? ": " : token[0] === '"' ? legible(token) : token);
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return lines.join("");
}

function legible(token) {
  return visible(JSON.stringify(JSON.parse(token)));
}

/** The text with the field at fault marked, where it stands in the outermost object. */
function marked(text, field) {
  const start = `  ${visible(JSON.stringify(field))}: `;
  return text.split("\n").flatMap((line, place) => {
    const shown = line.startsWith(start) ? make("mark", {}, line) : line;
    return place ? ["\n", shown] : [shown];
  });
}
