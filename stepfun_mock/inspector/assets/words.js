// Figures as people read them.

const WHOLE = new Intl.NumberFormat("en");
const SHARE = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const TIME = { timeStyle: "medium", hourCycle: "h23" };
const CLOCK = new Intl.DateTimeFormat("en", TIME);
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", ...TIME });

// Control characters, what turns the direction of text, what has no width, and half characters;
// all but the tab, the line end, and the joiner that emoji are made with.
const HIDDEN =
  /[\0-\b\v-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

/** A whole number, with its thousands set apart. */
export function whole(number) {
  return WHOLE.format(number);
}

/** A number of things, as in "1 request" and "2 requests". */
export function counted(number, thing) {
  return `${whole(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** A share of 1, as in "10 %". */
export function share(rate) {
  return `${SHARE.format(rate * 100)} %`;
}

/** A size, so that nobody mistakes which is which. */
export function size(width, height) {
  return `${width} wide, ${height} high`;
}

/** How long something took, and for how long it was held back beside. */
export function took(seconds, held = 0) {
  if (held) return `${took(seconds)}, and ${held % 1 ? took(held) : span(held)} held back`;
  if (seconds < 0.00095) return `${Math.max(0.1, seconds * 1000).toFixed(1)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return `${seconds < 9.995 ? seconds.toFixed(2) : whole(Math.round(seconds))} s`;
}

/** How long until then, or since, in the largest unit that says enough. */
export function span(seconds) {
  const left = Math.abs(Math.round(seconds));
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor((left % 3600) / 60)];
  if (hours > 48) return `${whole(Math.round(hours / 24))} days`;
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return minutes ? `${minutes} min ${left % 60} s` : `${left} s`;
}

/** How far a clock is from real time; empty where it is not. */
export function shifted(ahead) {
  return ahead && `${span(ahead)} ${ahead > 0 ? "ahead" : "behind"}`;
}

/** A moment in Unix seconds, as the time of day here. */
export function clock(moment) {
  return CLOCK.format(moment * 1000);
}

/** A moment in Unix seconds, with its day. */
export function moment(seconds) {
  return MOMENT.format(seconds * 1000);
}

/** How long a text is, in what the limits count. */
export function length(text, unit = "code_points") {
  return unit === "utf16" ? text.length : [...text].length;
}

/** A value as the parameter of a request, on one line. */
export function value(given) {
  if (given === "") return "empty";
  return visible(typeof given === "string" ? given : JSON.stringify(given));
}

/** A text without what hides, or turns a line round: such signs are written out. */
export function visible(text) {
  return text.replace(HIDDEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
