// A status as a word and a colour.

import { make } from "./element.js";

const WORDS = {
  400: "refused",
  401: "key refused",
  402: "no balance",
  404: "not found",
  405: "wrong verb",
  408: "too slow",
  410: "gone",
  413: "too large",
  415: "not JSON",
  429: "too many",
  451: "censored",
  500: "failed",
  502: "bad gateway",
  503: "unavailable",
  504: "timed out",
};
const AMISS = { spoilt: "spoilt", withheld: "no picture" };
const DRAWN = { generation: "drawn", picture: "fetched", models: "listed" };

/** The tag that tells how a request ended. */
export function status(row) {
  return make(`span.tag.${colour(row)}`, {}, row.status ? `${row.status} ${word(row)}` : "no reply");
}

/** What happened, in a word or two. */
export function word(row) {
  if (row.finish_reason === "content_filtered") return "filtered";
  if (row.status < 300) return AMISS[row.picture] || DRAWN[row.kind] || "answered";
  return WORDS[row.status] || (row.status < 500 ? "refused" : "failed");
}

function colour(row) {
  if (!row.status) return "inconclusive";
  if (row.status >= 500) return "broken";
  const amiss = row.picture in AMISS || row.finish_reason === "content_filtered";
  return row.status >= 400 || amiss ? "differs" : "holds";
}
