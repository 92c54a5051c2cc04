// A size drawn as a shape, with its own proportions.

import { draw } from "./element.js";

const BOX = 40;

/** A drawing of a picture so wide and so high; it says nothing that is not also written. */
export function shape(width, height) {
  const scale = (BOX - 4) / Math.max(width, height);
  const [wide, high] = [width * scale, height * scale];
  const frame = draw("rect", {
    x: (BOX - wide) / 2,
    y: (BOX - high) / 2,
    width: wide,
    height: high,
    rx: 2,
  });
  return draw("svg", { class: "shape", viewBox: `0 0 ${BOX} ${BOX}`, "aria-hidden": "true" }, frame);
}

/** The height and width of a size as the API has it, height first; null where it is none. */
export function measured(size) {
  const found = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(size ?? "");
  return found && { height: Number(found[1]), width: Number(found[2]) };
}
