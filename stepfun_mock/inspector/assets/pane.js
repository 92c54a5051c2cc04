// The side of the page: a request, the form, or the controls. One at a time, beside the list.

import { go, link } from "./address.js";
import { part } from "./api.js";
import { fill, find, make } from "./element.js";

const NARROW = window.matchMedia("(max-width: 64rem)");
const BEHIND = ".skip, #masthead, #lost, #main"; // but not what is read out

// What is seldom wanted is loaded when it is.
const VIEWS = {
  request: () => import("./details.js"),
  send: () => import("./sender.js"),
  controls: () => import("./controls.js"),
};

/** Shows what the address names; closed, it gives the focus back. */
export class Pane {
  /** @param {(number: number|null) => void} opened told which request is shown */
  constructor(opened) {
    this.node = find("pane");
    this.opened = opened;
    this.shown = "";
    this.module = null;
    this.back = null;
    this.unanswered = null; // the view for which no reply came
    this.following = false; // whether the focus stays in the list
    find("close").addEventListener("click", () => this.close());
    NARROW.addEventListener("change", () => this.cover());
  }

  /** Show a view; null closes. */
  async show(view) {
    const wanted = view && VIEWS[view.name] ? view : null;
    const name = wanted ? [wanted.name, ...wanted.numbers].join("-") : "";
    if (name === this.shown) return;
    if (!this.shown) this.back = document.activeElement;
    this.shown = name;
    this.module?.leave?.();
    this.module = null;
    this.unanswered = null;
    document.body.classList.toggle("open", Boolean(wanted));
    this.node.hidden = !wanted;
    this.opened(wanted?.name === "request" ? wanted.numbers[0] : null);
    this.mark(wanted);
    this.cover();
    if (!wanted) this.restore();
    else await this.enter(wanted, { focus: !this.following });
  }

  /** Go to a request and leave the focus in the list; there is no way back step by step. */
  follow(number) {
    this.following = true;
    go(link("request", number), { replace: true });
    this.following = false;
  }

  /** Show the view, where no reply came and one may come now. */
  retry() {
    if (this.unanswered) this.enter(this.unanswered, { focus: false });
  }

  /** Tell the view of a row that came, where it shows that request. */
  update(row) {
    this.module?.update?.(row);
  }

  close() {
    if (this.shown) go(link(null));
  }

  async enter(wanted, { focus }) {
    const heading = find("heading");
    const name = this.shown;
    this.unanswered = null;
    try {
      const module = await part(VIEWS[wanted.name]());
      const { title, content } = await module.show(...wanted.numbers);
      if (this.shown !== name) return;
      this.module = module;
      heading.replaceChildren(title);
      fill(find("view"), content);
    } catch (problem) {
      if (this.shown !== name) return;
      if (!problem.status) this.unanswered = wanted;
      const tab = document.querySelector(`nav a[data-view="${wanted.name}"]`);
      heading.replaceChildren(tab ? tab.textContent : `Request ${wanted.numbers[0]}`);
      const then = this.unanswered && " What is to stand here comes once it answers.";
      fill(find("view"), make("p.fault", { role: "alert" }, problem.message, then));
    }
    this.node.scrollTop = 0;
    if (focus) heading.focus({ preventScroll: true });
  }

  mark(wanted) {
    for (const tab of document.querySelectorAll("nav a[data-view]")) {
      const here = tab.dataset.view === wanted?.name;
      if (here) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }

  // Where it covers the list, nothing behind it can be reached.
  cover() {
    const covered = NARROW.matches && Boolean(this.shown);
    for (const node of document.querySelectorAll(BEHIND)) node.inert = covered;
  }

  restore() {
    const inside = this.back?.isConnected && this.back !== document.body ? this.back : null;
    const last = document.querySelector(".row.current a, .row.was a");
    (last || inside)?.focus({ preventScroll: true });
    this.back = null;
  }
}
