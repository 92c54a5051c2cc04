// What happens, as it happens. Lost, it tries again by itself, more and more seldom.

const FIRST = 1000; // milliseconds until it tries again
const LONGEST = 10_000;
const HIDDEN = 60_000; // a page that nobody sees gives its connection back: browsers have but six

/** Listens to the mock, and says whether it hears it. */
export class Feed {
  /**
   * @param {{row: Function, state: Function, reset: Function, missed: Function}} heard
   *     what to do with each event
   * @param {(name: "live"|"lost"|"waiting") => void} changed told of the connection
   */
  constructor(heard, changed) {
    this.heard = heard;
    this.changed = changed;
    this.source = null;
    this.pause = FIRST;
    this.timer = null;
    this.hiding = null;
    document.addEventListener("visibilitychange", () => this.seen(!document.hidden));
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.open());
  }

  /** Connect now. */
  open() {
    this.close();
    this.source = new EventSource("events");
    this.source.onopen = () => {
      this.pause = FIRST;
      this.changed("live");
    };
    this.source.onerror = () => this.lost();
    for (const name of Object.keys(this.heard)) {
      this.source.addEventListener(name, (event) => this.heard[name](JSON.parse(event.data)));
    }
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  // An EventSource would try every few seconds for ever, and each try is a line in the console.
  lost() {
    this.close();
    this.changed("lost");
    this.timer = setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST);
  }

  seen(visible) {
    clearTimeout(this.hiding);
    if (!visible) this.hiding = setTimeout(() => this.close(), HIDDEN);
    else if (!this.source) this.open();
  }
}
