// Connection: when there is one, when the next one, and when none any more. State comes first and callbacks
// last: a handler may do anything, disconnecting included.

import { away } from "../channels/channels.js";
import { type Core, is } from "../core.js";
import { CONNECT_TIMEOUT } from "../defaults.js";
import { report, tell } from "../handlers.js";
import { end, flush } from "../queue/queue.js";
import type { Cause, State, Upgrade } from "../state.js";
import { numberOf } from "../wire.js";
import { delayOf, kindOf } from "./backoff.js";
import { dial } from "./dial.js";
import { allow, watch } from "./silence.js";
import { tokenFor } from "./tokens.js";
import { listen } from "./wake.js";

/** `ms`: how long until something else must be. A WebSocket takes up to a minute to close: not awaited. */
export function change(core: Core, next: State & { readonly cause?: Cause }, ms: number): void {
  const { ws } = core;
  const { cause } = next;
  clearTimeout(core.timer);
  core.client.state = core.state = next;
  const isClosed = is(core, "closed");
  core.silence = ms;
  allow(core, is(core, "open") ? ms * core.patience : ms);
  if (!is(core, "open")) {
    core.drainAt = core.renewAt = core.wakeAt = Infinity;
    core.named = core.refused = undefined;
    // `error` keeps its handler: some implementations throw an error that nobody listens to.
    if (ws) ws.onopen = ws.onmessage = ws.onclose = null;
    ws?.close(isClosed ? 1_000 : undefined);
    core.ws = undefined;
    core.queued = core.queued.filter(({ until }) => until);
    away(core, isClosed);
  }
  if (isClosed) {
    const unsent = end(core);
    if (unsent) report(core, "queue", `${unsent} not sent`);
  } else watch(core);
  flush(core);
  tell(core, [":state", is(core, "open") ? ":onOpen" : ""], next);
  // The state says it too: the console need not.
  if (cause && cause.kind !== "user" && core.options.onError)
    report(core, "connection", cause.message);
}

/** Stays away until `start`. */
export function close(core: Core, cause: Cause): void {
  if (is(core, "closed")) return;
  core.welcome = {};
  core.attempt = core.refusals = 0;
  listen("removeEventListener", core.wake);
  change(core, { status: "closed", cause }, 0);
}

/** The connection is lost: comes back after a while, if coming back can help. */
export function lost(core: Core, message: string, closeCode = 0): void {
  const { refused } = core;
  if (closeCode === 4401) core.refusals++;
  const kind = kindOf(closeCode, core.refusals);
  const cause: Cause = {
    kind,
    message: refused?.message ?? message,
    closeCode,
    upgrade: refused?.data as Upgrade,
  };
  if (kind !== "lost") return close(core, cause);
  // After 5 s that it lasted the next delay is a first one again.
  if (is(core, "open") && core.now() - core.openedAt >= 5_000) core.attempt = 0;
  let delay = delayOf(core, closeCode);
  if (core.drainAt < Infinity) delay = core.drainAt - core.now();
  // Without a sign of life: nobody sent it away, so it need not wait. What is large may have been on its way:
  // the next connection is given longer for it.
  else if (is(core, "open") && !closeCode) {
    delay = 0;
    core.patience = Math.min(8, core.patience * 2);
  }
  change(
    core,
    { status: "waiting", attempt: ++core.attempt, retryAt: core.now() + delay, cause },
    delay,
  );
}

/** Connects now. */
export async function start(core: Core): Promise<void> {
  const { url, connectTimeout } = core.options;
  const mine: State = { status: "connecting", attempt: core.attempt };
  let address: string | URL | undefined;
  let token: unknown;
  listen("addEventListener", core.wake);
  change(core, mine, numberOf(connectTimeout, CONNECT_TIMEOUT));
  try {
    address = await (typeof url === "function" ? url() : url);
    token = await tokenFor(core, mine, core.refusals > 0);
  } catch (error) {
    // A provider that rejects is a break like any other.
    if (core.state === mine) lost(core, `${error}`);
  }
  if (core.state !== mine) return;
  try {
    dial(core, address as string, token);
  } catch (error) {
    close(core, { kind: "unusable", message: `${error}` });
  }
}
