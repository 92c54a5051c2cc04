// The picture of a request, or that what was sent is none.

import { make } from "./element.js";
import { shape } from "./shape.js";
import { size } from "./words.js";

/** That what came is no good picture, with the fault that made it so. */
export function spoilt({ fault }) {
  return ["picture spoilt", fault].filter(Boolean).join(": ");
}

/** A small picture for the list. */
export function thumbnail(row) {
  const box = make("span.thumb");
  if (!row.image) {
    if (row.picture === "withheld") box.append(make("span.none", {}, "no picture was sent"));
    else if (row.parameters) box.append(shape(row.parameters.width, row.parameters.height));
    return box;
  }
  const image = make("img", { src: row.image, alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => box.replaceChildren(make("span.none", {}, "not a picture")));
  box.append(image);
  return box;
}

/** The whole picture, with what it is; where it cannot be shown, why. */
export function figure(row) {
  const caption = make("figcaption.quiet");
  if (!row.image) {
    caption.append(reason(row));
    return make("figure.picture.empty", {}, caption);
  }
  const image = make("img", { src: row.image, alt: `The picture that request ${row.number} got` });
  const link = make("a", { href: row.image, target: "_blank", rel: "noopener" }, image);
  const whole = make("figure.picture", {}, link, caption);
  image.addEventListener("load", () => describe(caption, row.parameters, image));
  image.addEventListener("error", () => {
    link.replaceChildren(make("span.missing", {}, "not a picture"));
    caption.textContent = "What was sent as a picture is none. It opens as it came.";
  });
  return whole;
}

function describe(caption, asked, { naturalWidth: width, naturalHeight: height }) {
  caption.replaceChildren(size(width, height));
  if (asked && (asked.width !== width || asked.height !== height)) {
    const due = `${size(asked.width, asked.height)} was asked for`;
    caption.append(" ", make("strong.fault", {}, due));
  }
}

function reason(row) {
  if (!row.status) return "No reply came.";
  if (row.picture === "withheld") return "A picture was drawn, but no picture was sent.";
  if (row.picture === "spoilt") return "What was sent as a picture cannot be read.";
  if (row.finish_reason === "content_filtered") return "No picture: the filter held it back.";
  return "No picture came with this reply.";
}
