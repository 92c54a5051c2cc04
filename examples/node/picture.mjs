// One picture, with nothing but Node 18 or later: a prompt in, a PNG out.
//
//   STEP_API_KEY=... node picture.mjs "a red fox in the snow" fox.png

import { writeFile } from "node:fs/promises";

const { STEP_API_KEY, STEP_BASE_URL = "https://api.stepfun.ai/v1" } = process.env;

async function draw(prompt) {
  const reply = await fetch(`${STEP_BASE_URL}/images/generations`, {
    method: "POST",
    headers: { Authorization: `Bearer ${STEP_API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ model: "step-image-edit-2", prompt, response_format: "b64_json" }),
  });
  if (!reply.ok) {
    throw new Error(`${reply.status}: ${await reply.text()}`);
  }
  const [item] = (await reply.json()).data;
  if (item.finish_reason !== "success") {
    throw new Error(`no picture: ${item.finish_reason}`);
  }
  return Buffer.from(item.b64_json, "base64");
}

const [prompt, file] = process.argv.slice(2);
try {
  await writeFile(file, await draw(prompt));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
