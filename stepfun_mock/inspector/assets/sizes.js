// A field for a size: each that is allowed as its shape, and any other as a text.

import { fill, make } from "./element.js";
import { group } from "./fields.js";
import { measured, shape } from "./shape.js";
import { size } from "./words.js";

const OTHER = "another";

/** @param {Object} parameter what the contract says of `size` */
export function sizes(parameter) {
  const other = make("input", {
    type: "text",
    placeholder: "height x width",
    "aria-label": "Another size, height x width",
    autocomplete: "off",
  });
  const drawn = make("span.drawn");
  const words = make("span", {}, OTHER);
  const radios = [
    radio("", parameter.default, "left out"),
    ...parameter.values.map((value) => radio(value, value, make("code", {}, value))),
  ];
  const last = make("input", { type: "radio", name: "size", value: "other" });
  radios.push(make("label.shape-of", {}, last, drawn, make("span", {}, words, other)));
  radios[0].querySelector("input").checked = true;
  other.addEventListener("input", () => {
    last.checked = true;
    const found = measured(other.value);
    fill(drawn, found && shape(found.width, found.height));
    words.textContent = found ? size(found.width, found.height) : OTHER;
  });
  const made = group("size", make("div.shapes", {}, radios), parameter.note);
  const value = () => {
    const chosen = made.node.querySelector("input:checked").value;
    return chosen === "other" ? other.value : chosen;
  };
  return { ...made, value };
}

function radio(value, stands, sent) {
  const { width, height } = measured(stands);
  return make(
    "label.shape-of",
    {},
    make("input", { type: "radio", name: "size", value }),
    shape(width, height),
    make("span", {}, size(width, height), make("span.sent-as.quiet", {}, sent)),
  );
}
