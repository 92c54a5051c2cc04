// What makes replies other than usual, said in the head of the page: chaos, faults, choices, another time.

import { link } from "./address.js";
import { fill, find, make } from "./element.js";
import { changed, shift, watch } from "./state.js";
import { clock, counted, share, shifted, whole } from "./words.js";

let told = "";

/** Show them from now on. They are read out as they change, and no oftener. */
export function start() {
  watch((state) => {
    const signs = [chaotic(state), down(state), next(state), chosen(state), moved(state)].filter(Boolean);
    if (told === signs.join()) return;
    told = signs.join();
    show(signs);
  });
}

function show(signs) {
  const place = find("signs");
  const tags = signs.map((sign, at) => [
    at ? make("span.hidden", {}, ", ") : null,
    make("span.tag.differs", {}, sign),
  ]);
  const kept = place.querySelector("a"); // it stays, and so does the focus
  if (!signs.length) fill(place);
  else if (kept) fill(kept, tags);
  else fill(place, make("a", { href: link("controls"), "data-view": "controls" }, tags));
}

function chaotic({ faults: { chaos } }) {
  return chaos && `chaos ${share(chaos.rate)}`;
}

function down({ faults: { down_until: until } }) {
  return until && `no connection until ${clock(until)}`;
}

function next({ faults: { waiting } }) {
  if (!waiting.length) return null;
  const more = waiting.length > 1 ? ` +${whole(waiting.length - 1)}` : "";
  return `next: ${waiting[0].fault}${more}`;
}

function chosen({ choices }) {
  const others = choices.filter(changed);
  return others.length && `${counted(others.length, "choice")} changed`;
}

function moved({ clock: { frozen } }) {
  const far = shifted(frozen ? steady(shift()) : shift());
  if (frozen) return far ? `clock frozen, ${far}` : "clock frozen";
  return far && `clock ${far}`;
}

// A clock that stands still falls behind, second by second; nobody wants to hear each of them.
function steady(seconds) {
  return Math.round(seconds / 60) * 60;
}
