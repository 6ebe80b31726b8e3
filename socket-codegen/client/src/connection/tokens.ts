// Tokens: asked of the program at each attempt, and renewed before they run out.

import { ask } from "../calls/calls.js";
import type { Core } from "../core.js";
import { promiseOf } from "../errors.js";
import { report } from "../handlers.js";
import type { State } from "../state.js";
import { numberOf } from "../wire.js";
import { close } from "./connection.js";
import { watch } from "./silence.js";

/** A token for this state, where there is a provider. Without one to be had this is over. */
export async function tokenFor(core: Core, mine: State, expired: boolean): Promise<unknown> {
  const { token: provider } = core.options;
  const token = await provider?.({ expired });
  if (core.state === mine && provider && token == null)
    close(core, { kind: "unauthorized", message: "no token" });
  return token;
}

/** The token runs out after so many ms. It is renewed once four fifths of them are over. */
export function expire(core: Core, ms: unknown): void {
  if (core.options.token) core.renewAt = core.now() + numberOf(ms, Infinity) * 0.8;
}

/** Asks for a new token and hands it in, on the connection that is open. */
export async function refresh(core: Core): Promise<void> {
  const mine = core.state;
  core.renewAt = Infinity;
  try {
    const token = await tokenFor(core, mine, true);
    if (!core.options.token || core.state !== mine) return;
    const answer = await promiseOf((end) => ask(core, ":refresh", undefined, { token }, end));
    if (core.state !== mine) return;
    expire(core, Object(answer).expires);
    watch(core);
  } catch (error) {
    // The old token may still be good. Once it is not, the server closes with 4401.
    if (core.state === mine) report(core, "connection", `no token: ${error}`, error);
  }
}
