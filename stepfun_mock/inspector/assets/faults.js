// The next fault, and the faults that wait for requests.

import { coded, fill, make } from "./element.js";
import { field, form, meant, menu, outcome } from "./fields.js";
import { order } from "./order.js";
import { watch } from "./state.js";
import { clock, counted, value } from "./words.js";

const GROUPS = {
  service: "The service",
  reply: "The reply",
  picture: "The picture and its link",
  wire: "The connection",
};
const MARKS = new Set(["fault", "met", "left", "problem"]);

/** @param {Object[]} known the faults that there are */
export function faults(known) {
  const chosen = field("Next fault", chooser(known));
  const about = make("p.hint");
  const own = make("div.own");
  const times = field("times", whole("1"), "how many requests meet it");
  const after = field("after", whole("0"), "how many pass before");
  const result = outcome();
  let given = new Map();
  const pick = () => {
    const fault = known.find((one) => one.fault === chosen.control.value);
    fill(about, coded(fault.about));
    given = new Map(Object.entries(fault.arguments).map(([name, due]) => [name, argument(name, due)]));
    fill(own, [...given.values()].map((one) => one.node));
  };
  chosen.control.addEventListener("change", pick);
  pick();
  chosen.node.classList.add("full");
  const add = () => {
    const record = { fault: chosen.control.value };
    for (const [name, one] of [...given, ["times", times], ["after", after]]) {
      const text = one.control.value.trim();
      if (text !== "") record[name] = meant(text);
    }
    order("faults", { method: "POST", body: record }, result, `Waiting: ${record.fault}`);
  };
  const actions = make("div.actions", {}, make("button.primary", {}, "Add"), result.node);
  const inside = [chosen.node, about, own, times.node, after.node, actions];
  const written = form("grid", result, add, inside);
  watch((_, anew) => {
    if (!anew) return;
    written.reset();
    pick();
  });
  return { node: make("section.control", {}, make("h3", {}, "Faults"), written, waiting()) };
}

function chooser(known) {
  const groups = new Map(known.map((one) => [one.group, []]));
  for (const one of known) groups.get(one.group).push(one);
  const group = ([name, faults]) => {
    const options = faults.map(({ fault }) => make("option", { value: fault }, fault));
    return make("optgroup", { label: GROUPS[name] || name }, options);
  };
  return make("select", {}, [...groups].map(group));
}

function argument(name, due) {
  if (typeof due === "boolean") {
    return field(name, menu([["", `left out: ${due}`], ["true", "true"], ["false", "false"]]));
  }
  const shown = due === null ? "left out" : `left out: ${value(due)}`;
  return field(name, make("input", { type: "text", placeholder: shown, autocomplete: "off" }));
}

function whole(due) {
  return make("input", { type: "text", inputmode: "numeric", value: due, autocomplete: "off" });
}

/** What waits, as it is now. */
function waiting() {
  const list = make("ul.waiting");
  const result = outcome();
  const forget = make("button", { type: "button" }, "Forget them");
  forget.addEventListener("click", () => order("faults", { method: "DELETE" }, result, "No fault waits"));
  watch(({ faults: { waiting: found, down_until: down } }) => {
    const lines = found.map(line);
    if (down) lines.push(make("li", {}, `Nobody can connect until ${clock(down)}.`));
    fill(list, lines.length ? lines : make("li.quiet", {}, "No fault waits."));
    forget.hidden = !lines.length;
  });
  return make("div", {}, make("h4", {}, "Waiting"), list, make("div.actions", {}, forget, result.node));
}

function line(record) {
  const { fault, left, met, problem } = record;
  const rest = Object.entries(record).filter(([name]) => !MARKS.has(name) && name !== "times");
  const given = rest.map(([name, one]) => `${name}=${typeof one === "object" ? JSON.stringify(one) : one}`);
  const counts = `${counted(left, "request")} to go${met ? `, ${met} met it` : ""}`;
  return make(
    "li",
    {},
    make("code", {}, [fault, ...given].join(" ")),
    make("span.quiet", {}, ` ${counts}`),
    problem && make("span.fault", {}, ` ${problem}`),
  );
}
