// The page: puts its parts together.

import * as address from "./address.js";
import { ask, part } from "./api.js";
import * as chosen from "./chosen.js";
import { find } from "./element.js";
import { Feed } from "./feed.js";
import * as filters from "./filters.js";
import * as keys from "./keys.js";
import { List } from "./list.js";
import { say, show } from "./notice.js";
import { Pane } from "./pane.js";
import * as signs from "./signs.js";
import * as state from "./state.js";
import * as welcome from "./welcome.js";
import { counted } from "./words.js";

const list = new List(mark);
const pane = new Pane(current);
let opened = null; // the number of the request that is open
let connection = "waiting";
let session = null; // of the server that was heard first, or last
let greeted = false; // whether the feed has said how things stand
let comparing = null;

const feed = new Feed(
  {
    row: (row) => {
      list.add(row);
      pane.update(row);
    },
    state: (fresh) => {
      state.keep(fresh);
      list.keep(fresh);
      if (!greeted) greet(fresh);
    },
    reset: ({ everything }) => {
      forget(everything ? "Everything was reset" : "The journal was cleared");
      if (everything) anew();
    },
    missed: () => again(),
  },
  connected,
);

/** A connection begins: what happened before is in no event. */
function greet({ session: fresh, total }) {
  const known = session;
  greeted = true;
  session = fresh;
  if (known === null) {
    begun.then(() => (list.failed || total > list.total) && again());
  } else if (known === fresh) {
    again();
  } else {
    forget("The server is another one now");
    anew();
    list.load();
  }
  pane.retry();
  comparing?.retry();
}

/** Leave nothing of requests that are there no more. */
function forget(sentence) {
  const gone = list.total;
  const are = gone === 1 ? "is" : "are";
  list.clear();
  chosen.clear();
  if (address.read().view?.numbers.length) address.go(address.link(null));
  show(gone ? `${sentence}; ${counted(gone, "request")} ${are} gone` : sentence);
}

/** Leave nothing in the controls that was written for how things were. */
function anew() {
  state.refresh({ anew: true }).catch(() => null); // lost again; the next greeting brings it
}

/** Look at what came meanwhile. */
function again() {
  list.load(list.filter, { gently: true });
}

function connected(name) {
  if (name === "live") greeted = false;
  if (name === connection) return;
  if (name === "lost") say("The server does not answer");
  if (name === "live" && connection === "lost") say("The server answers again");
  connection = name;
  document.body.dataset.connection = name;
  find("connection").textContent = { live: "live", lost: "not connected" }[name];
  find("lost").hidden = name !== "lost";
}

/** Mark the request that is open, and the one that was last. */
function current(number) {
  for (const row of document.querySelectorAll(".row.was")) row.classList.remove("was");
  for (const row of document.querySelectorAll(".row.current")) {
    row.classList.replace("current", "was");
    row.querySelector("a").removeAttribute("aria-current");
  }
  opened = number;
  mark();
}

function mark() {
  const row = opened && list.row(opened);
  row?.classList.add("current");
  row?.querySelector("a").setAttribute("aria-current", "true");
}

async function moved({ view, filter }) {
  if (JSON.stringify(filter) !== JSON.stringify(list.filter)) {
    filters.show(filter);
    list.load(filter);
  }
  for (const tab of document.querySelectorAll("a[data-view]")) tab.href = address.link(tab.dataset.view);
  pane.show(view);
  if (view?.name === "compare") await compare(view.numbers);
  else comparing?.leave();
}

async function compare(numbers) {
  try {
    comparing = await part(import("./compare.js"));
    comparing.show(...numbers);
  } catch (problem) {
    list.trouble(problem);
  }
}

function choosing(numbers) {
  for (const box of document.querySelectorAll(".row .choice input")) {
    box.checked = numbers.includes(Number(box.closest(".row").dataset.number));
  }
  const [one, other] = numbers;
  find("choosing").hidden = !numbers.length;
  const gone = chosen.replaced();
  const rest = gone === null ? "" : `; request ${gone} gave way, as two can be compared`;
  find("choosing-words").textContent = other
    ? `Requests ${one} and ${other}${rest}`
    : `Request ${one}; choose another to compare it with`;
  find("choosing-go").hidden = !other;
}

async function reset() {
  try {
    await ask("reset", { method: "POST" });
    await state.refresh();
    find("reset").close();
  } catch (problem) {
    find("reset-problem").textContent = problem.message;
  }
}

chosen.watch(choosing);
find("choosing-go").addEventListener("click", () => {
  address.go(address.link("compare", ...chosen.chosen()));
});
find("choosing-clear").addEventListener("click", chosen.clear);
find("compare").addEventListener("close", () => {
  if (address.read().view?.name === "compare") address.go(address.link(null));
});
for (const button of document.querySelectorAll("[data-closes]")) {
  button.addEventListener("click", () => find(button.dataset.closes).close());
}
find("reset-go").addEventListener("click", reset);
find("again").addEventListener("click", () => feed.open());

welcome.start();
signs.start();
filters.start();
keys.start(pane);
address.watch(moved);
const begun = list.load(address.read().filter);
begun.then(() => moved(address.read()));
feed.open();
