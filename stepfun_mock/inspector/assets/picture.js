// The picture of a request, or that what was sent is none.

import { make } from "./element.js";
import { shape } from "./shape.js";
import { size } from "./words.js";

/** That what came is no good picture, with the fault that made it so. */
export function spoilt({ fault }) {
  return ["picture spoilt", fault].filter(Boolean).join(": ");
}

/** What becomes of a link that gives nothing; empty where it may give something. */
export function dead({ fault, link }) {
  if (!link?.dead) return "";
  return fault === "expired_link" ? "had expired when it was given" : `answers ${link.dead}`;
}

/** A small picture for the list. */
export function thumbnail(row) {
  const box = make("span.thumb");
  if (!row.image) {
    const words = none(row);
    if (words) box.append(make("span.none", {}, words));
    else if (row.parameters) box.append(shape(row.parameters.width, row.parameters.height));
    return box;
  }
  const image = make("img", { src: row.image, alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => box.replaceChildren(make("span.none", {}, "not a picture")));
  box.append(image);
  return box;
}

function none(row) {
  if (dead(row)) return "dead link";
  return { withheld: "no picture was sent", spoilt: "cannot be read" }[row.picture];
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
    caption.textContent = "What was sent is not a picture. It opens as it came.";
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
  if (dead(row)) return `No picture: the link ${dead(row)}.`;
  if (row.picture === "withheld") return "A picture was drawn, but no picture was sent.";
  if (row.picture === "spoilt") return "What was sent as a picture cannot be read.";
  if (row.finish_reason === "content_filtered") return "No picture: the filter held it back.";
  return "No picture came with this reply.";
}
