// The requests, newest first: the newest of them, and older ones when they are wanted.

import { ask } from "./api.js";
import { fill, find, make } from "./element.js";
import { narrows } from "./filters.js";
import { mention } from "./notice.js";
import { element } from "./row.js";
import { counted, whole } from "./words.js";

const PAGE = 50;
const COUNTED = 500; // rows that are asked for to count them; the server gives no more
const MOST = 200; // rows that stay when new ones come
const TOGETHER = 60; // milliseconds in which rows are gathered before they are shown
const SELDOM = 1000; // milliseconds between two questions which of those that came match
const TOP = 120; // pixels from the top within which a reader has not scrolled

/** The list of the page. */
export class List {
  /** @param {() => void} changed told when other rows are shown */
  constructor(changed) {
    this.changed = changed;
    this.node = find("rows");
    this.filter = {};
    this.newest = 0; // the highest number that was heard of
    this.total = 0;
    this.dropped = 0; // no longer kept, as the server said last
    this.most = Infinity; // that the server keeps
    this.more = false;
    this.loading = null;
    this.failed = false; // whether what is shown is not what was asked for last
    this.fresh = []; // came, and not yet looked at
    this.pending = 0; // came while the reader was elsewhere
    this.timer = null;
    find("pending").addEventListener("click", () => this.top());
    find("older").addEventListener("click", () => this.older());
  }

  /**
   * Show the newest that match; what was shown stays where the mock does not answer.
   * @param {Object<string, string>} filter
   * @param {{gently?: boolean, after?: number|null}} how gently: a reader who is elsewhere is told,
   *     and not moved; after: the number above which to ask
   */
  async load(filter = this.filter, { gently = false, after = null } = {}) {
    clearTimeout(this.timer);
    this.timer = null;
    this.loading?.abort();
    const loading = (this.loading = new AbortController());
    this.filter = filter;
    this.node.setAttribute("aria-busy", "true");
    try {
      const page = await ask(this.route({ after }), { signal: loading.signal });
      if (gently && !this.failed && this.held() && page.total >= this.newest) this.miss(page);
      else this.show(page);
      this.failed = false;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      // What came since is asked for once more with the next row, or the next greeting.
      if (after === null) {
        this.failed = true;
        this.trouble(problem);
      }
    }
    if (this.loading !== loading) return;
    this.loading = null;
    this.node.removeAttribute("aria-busy");
    this.gather();
  }

  /** Take in a row that came. One that is there stays: what may change of it, it does not show. */
  add(row) {
    if (row.number <= this.newest && !this.loading) return;
    this.fresh.push(row);
    if (this.fresh.length > 2 * MOST) this.fresh = this.latest();
    this.gather();
  }

  /** Forget all: the mock did. What is being loaded may be from before, and is asked for anew. */
  clear() {
    Object.assign(this, { newest: 0, total: 0, dropped: 0, more: false, fresh: [], pending: 0 });
    this.node.replaceChildren();
    this.tell();
    if (this.loading) this.load();
  }

  /** Take in how many requests the server keeps, and how many at most. */
  keep({ total, kept, most }) {
    Object.assign(this, { dropped: total - kept, most });
    if (!this.loading) this.tell();
  }

  /** The row of a request, where it is in the list. */
  row(number) {
    return this.node.querySelector(`[data-number="${number}"]`);
  }

  show({ rows, total, kept, more }) {
    this.node.replaceChildren(...rows.map(element));
    this.newest = Math.max(total, rows[0]?.number ?? 0);
    Object.assign(this, { total, dropped: total - kept, more, pending: 0 });
    fill(find("problem"));
    this.tell();
  }

  /** Count what came while nobody listened. */
  miss({ rows, total, kept }) {
    const unseen = rows.filter((row) => row.number > this.newest).length;
    this.pending += narrows(this.filter) ? unseen : total - this.newest;
    Object.assign(this, { total, dropped: total - kept, newest: total });
    this.tell();
  }

  route({ before = null, after = null } = {}) {
    const asked = new URLSearchParams({ limit: after === null ? PAGE : COUNTED, ...this.filter });
    if (before !== null) asked.set("before", before);
    if (after !== null) asked.set("after", after);
    return `requests?${asked}`;
  }

  async older() {
    const last = this.node.lastElementChild;
    const button = find("older");
    button.disabled = true;
    try {
      const { rows, more } = await ask(this.route({ before: last?.dataset.number }));
      if (last !== this.node.lastElementChild) return; // something else is shown by now
      this.node.append(...rows.map(element));
      this.more = more;
      this.tell();
      last?.nextElementSibling?.querySelector("a").focus({ preventScroll: true });
    } catch (problem) {
      this.trouble(problem);
    } finally {
      button.disabled = false;
    }
  }

  async top() {
    await this.load();
    window.scrollTo({ top: 0 });
    this.node.querySelector("a")?.focus({ preventScroll: true });
  }

  gather() {
    if (!this.fresh.length || this.loading) return;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.take();
    }, narrows(this.filter) ? SELDOM : TOGETHER);
  }

  /** Show what came, or how much, where showing it would move what somebody reads. */
  take() {
    const unseen = this.latest().filter((row) => row.number > this.newest);
    this.fresh = [];
    if (!unseen.length) return;
    const [{ number, status }] = unseen;
    this.total = Math.max(this.total, number);
    mention(`${counted(this.total, "request")}, the last with status ${status || "none"}`);
    if (narrows(this.filter)) this.inquire();
    else this.accept(unseen);
    this.tell();
  }

  /** Ask which of those that came match: a row does not hold all that the server searches. */
  inquire() {
    if (!this.failed) this.load(this.filter, { gently: true, after: this.newest });
  }

  accept(rows) {
    this.newest = rows[0].number;
    if (this.held()) this.pending += rows.length;
    else this.prepend(rows);
  }

  /** What came, newest first, each number once, no more than the list shows. */
  latest() {
    const found = new Map(this.fresh.map((row) => [row.number, row]));
    return [...found.values()].sort((one, other) => other.number - one.number).slice(0, MOST);
  }

  held() {
    return this.pending > 0 || narrows(this.filter) || window.scrollY > TOP;
  }

  prepend(rows) {
    this.node.prepend(...rows.map(element));
    while (this.node.childElementCount > MOST) {
      this.node.lastElementChild.remove();
      this.more = true;
    }
  }

  trouble(problem) {
    fill(find("problem"), make("p.fault", { role: "alert" }, problem.message));
  }

  /** Say how much there is, and offer what is not shown. */
  tell() {
    const shown = this.node.childElementCount;
    const narrowed = narrows(this.filter);
    find("empty").hidden = shown > 0 || narrowed || this.total > 0;
    find("nothing").hidden = shown > 0 || !narrowed;
    find("older").hidden = !this.more || !shown;
    find("pending").hidden = !this.pending;
    find("pending").textContent = counted(this.pending, "new request");
    const kept = Math.min(this.total - this.dropped, this.most);
    const rest = kept < this.total ? `; the newest ${whole(kept)} are kept` : "";
    const part = narrowed ? `${shown}${this.more ? " and more" : ""} of ` : "";
    this.changed();
    find("count").textContent = this.total ? `${part}${counted(this.total, "request")}${rest}` : "";
  }
}
