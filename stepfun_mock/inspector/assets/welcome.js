// What to do before the first request came.

import { block } from "./code.js";
import { copier } from "./copy.js";
import { fill, find, make } from "./element.js";
import { measured } from "./shape.js";
import { watch } from "./state.js";

let told = "";

/** Show the address in the head of the page, and how to use it where the list is empty. */
export function start() {
  watch(({ base_url: address, key, version, parameters }) => {
    if (told === `${address} ${key}`) return;
    told = `${address} ${key}`;
    find("version").textContent = version;
    fill(find("address"), make("code", {}, address), copier("the address", () => address));
    fill(find("how"), howto(address, key, sample(parameters)));
  });
}

function howto(address, key, body) {
  const curl = [
    `curl -s ${address}/images/generations \\`,
    '  -H "Content-Type: application/json" \\',
    `  -H "Authorization: Bearer ${key ?? "$STEP_API_KEY"}" \\`,
    `  -d '${body}'`,
  ].join("\n");
  const secret = key === null ? 'os.environ["STEP_API_KEY"]' : `"${key}"`;
  const python = `client = openai.OpenAI(base_url="${address}", api_key=${secret})`;
  const note = key === null ? "This server knows certain keys alone." : "Any key will do.";
  return [make("p.quiet", {}, note), block("curl", curl), block("Python, with the openai SDK", python)];
}

/** A body with what the contract has; its size is a wide one, which shows what comes first. */
function sample(parameters) {
  const known = Object.fromEntries(parameters.map(({ name, values }) => [name, values]));
  const wide = known.size.find((one) => measured(one).width > measured(one).height);
  const fields = { model: known.model[0], prompt: "A red fox in the snow", size: wide };
  const written = Object.entries(fields).map(([name, text]) => `"${name}": "${text}"`);
  return `{${written.join(", ")}}`;
}
