// Asks the mock, at the address that the page came from.

const SILENT = "No reply came. The server may have stopped, or a fault cut the connection.";

/** The mock refused, or did not answer; `message` is a sentence to show. */
export class Refusal extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/**
 * Ask a route of the mock's own.
 * @param {string} route as in "requests?limit=50"
 * @param {{method?: string, body?: *, signal?: AbortSignal}} how
 * @returns {Promise<*>} what came, read as JSON
 * @throws {Refusal} it refused, or nobody answered
 */
export async function ask(route, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const reply = await reach(route, { method, headers, body: sent, signal });
  const content = await reply.json().catch(() => null);
  if (!reply.ok) throw new Refusal(sentence(content, reply.status), reply.status);
  return content;
}

/** Send a request of the API itself, as a client would. */
export async function generate(path, key, body) {
  const headers = { "content-type": "application/json" };
  if (key) headers.authorization = `Bearer ${key}`;
  const reply = await reach(path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await reply.text().catch(() => "");
  let content = null;
  try {
    content = JSON.parse(text);
  } catch {
    // A fault can send anything; what came is shown by its request.
  }
  return { status: reply.status, content, message: reply.ok ? "" : sentence(content, reply.status) };
}

/** A part of the page that is loaded when it is wanted; `loading` is its import. */
export async function part(loading) {
  try {
    return await loading;
  } catch {
    throw new Refusal(SILENT);
  }
}

async function reach(address, how) {
  try {
    return await fetch(address, { cache: "no-store", ...how });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Refusal(SILENT);
  }
}

function sentence(content, status) {
  return content?.error?.message || `The reply was ${status}, and did not say why.`;
}
