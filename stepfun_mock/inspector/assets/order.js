// An order to the mock, and what came of it.

import { ask } from "./api.js";
import { say } from "./notice.js";
import { refresh } from "./state.js";

/**
 * Change something of the mock. That it is done is seen where its state is shown.
 * @param {string} route
 * @param {{method: string, body?: *}} how
 * @param {{done: Function, failed: Function}} result told why it was refused
 * @param {string} done what to say to who does not see it
 */
export async function order(route, how, result, done) {
  try {
    await ask(route, how);
    await refresh();
    result.done();
    say(done);
  } catch (problem) {
    result.failed(problem);
  }
}
