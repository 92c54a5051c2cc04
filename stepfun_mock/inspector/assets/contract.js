// The contract: every rule, with who says it and how sure that is.

import { ask } from "./api.js";
import { coded, fill, find, make } from "./element.js";
import { counted } from "./words.js";

const PARTS = {
  route: "Routes",
  request: "Fields of a request",
  price: "Prices",
  reply: "Replies",
  link: "Links",
  refusal: "Refusals",
};
const PAUSE = 150; // milliseconds after the last letter

let rules = [];

function show() {
  const { text, grade } = Object.fromEntries(new FormData(find("filters")));
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rules.filter(
    (rule) => (!grade || rule.grade === grade) && words.every((word) => rule.text.includes(word)),
  );
  const parts = [...new Set(found.map(({ part }) => part))];
  const sections = parts.map((part) => section(part, found.filter((rule) => rule.part === part)));
  fill(find("rules"), sections);
  const share = found.length < rules.length ? `${found.length} of ` : "";
  find("count").textContent = share + counted(rules.length, "rule");
  find("nothing").hidden = found.length > 0;
  const asked = new URLSearchParams(Object.entries({ grade, text }).filter(([, value]) => value));
  history.replaceState(null, "", asked.size ? `#${asked}` : location.pathname);
}

function section(part, found) {
  const id = `part-${part}`;
  return make(
    "section",
    { "aria-labelledby": id },
    make("h2", { id }, PARTS[part] || part, make("span.quiet", {}, ` ${found.length}`)),
    make("ul.rules", {}, found.map(entry)),
  );
}

function entry({ id, statement, grade, source }) {
  const said = source.url
    ? make("a", { href: source.url, rel: "noopener noreferrer" }, source.title)
    : source.title;
  return make(
    "li.rule",
    {},
    make("p.statement", {}, coded(statement)),
    make(
      "p.said",
      {},
      make("span.grade", { "data-grade": grade }, grade),
      [" ", said, " ", make("code.quiet", {}, id)],
    ),
  );
}

/** What a rule is found by. */
function searched({ id, statement, grade, source }) {
  return `${id} ${statement} ${grade} ${source.title}`.toLowerCase();
}

async function start() {
  const form = find("filters");
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of ["text", "grade"]) form.elements[name].value = asked.get(name) || "";
  let timer = null;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  try {
    ({ rules } = await ask("rules"));
    for (const rule of rules) rule.text = searched(rule);
    show();
  } catch (problem) {
    fill(find("rules"), make("p.fault", { role: "alert" }, problem.message));
  }
}

start();
