// JSON in which numbers stay as they are written: JavaScript's own would change 8.0, 1e999 and
// those of many digits.

/**
 * A number as it is written, as `JSON.stringify` writes it again; where a browser cannot do so, as
 * `number` has it.
 * @param {string} text a number of JSON
 */
export function literal(text) {
  return JSON.rawJSON ? JSON.rawJSON(text) : number(text);
}

/** A number as JavaScript has it, or its text where that would be another number. */
export function number(text) {
  const found = Number(text);
  const exact = Number.isInteger(found) ? Number.isSafeInteger(found) : Number.isFinite(found);
  return exact ? found : text;
}

/**
 * Read JSON, with each number as its `literal`.
 * @throws {SyntaxError} it is no JSON
 */
export function read(text) {
  // A browser that hands on no context has no literals either.
  return JSON.parse(text, (_, one, context) =>
    typeof one === "number" && context ? literal(context.source) : one,
  );
}
