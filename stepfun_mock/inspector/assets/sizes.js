// A field for a size: each that is allowed as its shape, and any other as a text.

import { fill, make } from "./element.js";
import { group } from "./fields.js";
import { measured, shape } from "./shape.js";
import { size } from "./words.js";

/** @param {Object} parameter what the contract says of `size` */
export function sizes(parameter) {
  const other = make("input", {
    type: "text",
    placeholder: "1024x512",
    "aria-label": "Another size, height x width",
    autocomplete: "off",
  });
  const drawn = make("span.drawn");
  const radios = [
    radio("", "left out", parameter.default),
    ...parameter.values.map((value) => radio(value, value, value)),
  ];
  const last = make("input", { type: "radio", name: "size", value: "other" });
  radios.push(make("label.shape-of", {}, last, drawn, make("span", {}, "another ", other)));
  radios[0].querySelector("input").checked = true;
  other.addEventListener("input", () => {
    last.checked = true;
    fill(drawn, picture(other.value));
  });
  const made = group("size", make("div.shapes", {}, radios), parameter.note);
  const value = () => {
    const chosen = made.node.querySelector("input:checked").value;
    return chosen === "other" ? other.value : chosen;
  };
  return { ...made, value };
}

function radio(value, code, stands) {
  const { width, height } = measured(stands);
  const words = value ? size(width, height) : `left out: ${size(width, height)}`;
  return make(
    "label.shape-of",
    {},
    make("input", { type: "radio", name: "size", value }),
    shape(width, height),
    make("span", {}, words, value && make("code.quiet", {}, code)),
  );
}

function picture(text) {
  const found = measured(text);
  return found && [shape(found.width, found.height), size(found.width, found.height)];
}
