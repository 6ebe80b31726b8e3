// Replies: how a reply, an error or an item of a stream finds its caller, and which calls outlive a break.

import type { Core } from "../core.js";
import { errorOf, SocketError } from "../errors.js";
import { report } from "../handlers.js";
import { finish } from "../queue/queue.js";
import { CONNECT_ID } from "../wire.js";

/** Hands a reply to the call in flight that has its `re` as id. */
export function reply(core: Core, message: Record<string, unknown>): void {
  const { re, error, item, param = {} } = message;
  const caller = core.inFlight.get(re);
  if (re !== CONNECT_ID) core.patience = 1;
  if (caller && item !== undefined) caller.item?.(item);
  else if (caller) finish(core, caller, error ? errorOf(error) : param);
  // A call that is over may still be answered.
  else if (!((re as number) > CONNECT_ID && (re as number) <= core.lastId))
    report(core, "message", Object(error).message ?? "unknown message", message);
}

/** On a new connection: ends the calls in flight that may not be sent again, and queues the others first. */
export function repeat(core: Core, resumed: boolean): void {
  const { descriptor, inFlight } = core;
  for (const call of inFlight.values()) {
    const { cmd = "", item, until } = call;
    // The protocol's own that programs may call only ask.
    if (item || !(cmd[0] === ":" || descriptor.idempotent.includes(cmd) || (resumed && until)))
      finish(core, call, new SocketError({ code: "disconnected", sent: true }));
  }
  // Some may be queued again since the last time.
  core.queued = [...new Set([...inFlight.values(), ...core.queued])];
  // Else the server goes on counting.
  if (!resumed) core.due = 0;
}
