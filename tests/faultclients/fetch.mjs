// Node's fetch, used as a careful application would: cases on standard input, what it got on
// standard output, both as JSON.

const named = (error) => {
  const code = error.cause?.code ?? error.code;
  const words = error instanceof TypeError ? `${error.name}: ${error.message}` : error.name;
  return typeof code === "string" ? `${words} (${code})` : words;
};

async function ask({ url, headers, body, timeout, linkTimeout }) {
  let atLink = false;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout * 1000),
    });
    if (answer.status !== 200) return { status: answer.status };
    const reply = await answer.json();
    const payload = reply.data?.[0]?.[body.response_format];
    if (!payload) return { reply };
    if (body.response_format === "b64_json") {
      return { reply, content: Buffer.from(payload, "base64").toString("base64") };
    }
    atLink = true;
    const picture = await fetch(payload, { signal: AbortSignal.timeout(linkTimeout * 1000) });
    const content = Buffer.from(await picture.arrayBuffer()).toString("base64");
    return { atLink, status: picture.status, reply, content };
  } catch (error) {
    return { atLink, raised: named(error) };
  }
}

let input = "";
for await (const piece of process.stdin) input += piece;
console.log(JSON.stringify(await Promise.all(JSON.parse(input).map(ask))));
