// Queue: messages that wait for the connection, in order and bounded, and then those in flight: sent, and
// not answered yet.

import { write } from "../connection/frames.js";
import { type Core, is } from "../core.js";
import { SocketError } from "../errors.js";
import type { SendResult } from "../types.js";
import { MOST_BYTES, MOST_QUEUED, type Outgoing } from "./outgoing.js";
import { charge, wait } from "./pace.js";

/** Sends what is queued, as far as the connection and its pace allow. */
export function flush(core: Core): void {
  clearTimeout(core.flushTimer);
  core.queued = core.queued.filter(({ until = Infinity }) => until >= core.now());
  while (is(core, "open") && core.queued[0]) {
    // What the WebSocket itself holds back is looked at again after a while.
    const ms = (core.ws?.bufferedAmount as number) > MOST_BYTES ? 50 : wait(core);
    if (ms > 0) {
      core.flushTimer = setTimeout(flush, ms, core);
      return;
    }
    const message = core.queued.shift() as Outgoing;
    charge(core);
    if (message.end) core.inFlight.set(message.id, message);
    write(core, message.text);
  }
}

/** Takes a message out and tells its caller. An answer that still comes is expected. */
export function finish(core: Core, message: Outgoing, outcome: unknown): void {
  core.inFlight.delete(message.id);
  core.queued = core.queued.filter((other) => other !== message);
  message.end?.(outcome);
}

/** Sends a message, or queues it. `volatile`: sends or drops it. */
export function put(core: Core, message: Outgoing, volatile?: boolean): SendResult {
  // Without a key it replaces nothing: no two of these are the same.
  const { text, key = {} } = message;
  const { limits } = core;
  message.size = new TextEncoder().encode(text).length;
  const refuse = (code: string, data?: unknown): SendResult => {
    finish(core, message, new SocketError({ code, data }));
    return "dropped";
  };
  if (is(core, "closed")) return refuse("disconnected");
  if (message.size > (limits.message as number))
    return refuse("too-large", { limit: limits.message });
  core.queued.push(message);
  flush(core);
  // It stands last: it is gone once the queue is empty.
  if (!core.queued[0]) return "sent";
  if (
    volatile ||
    core.queued.length > MOST_QUEUED ||
    core.queued.reduce((sum, other) => sum + (other.size as number), 0) > MOST_BYTES
  )
    return refuse("queue-full");
  core.queued = core.queued.filter((other) => other === message || other.key !== key);
  return "queued";
}

/** No connection comes any more: ends all, and gives the number of messages that nobody waits for. */
export function end(core: Core): number {
  const { queued, inFlight } = core;
  for (const message of [...inFlight.values(), ...queued])
    finish(
      core,
      message,
      new SocketError({ code: "disconnected", sent: inFlight.has(message.id) }),
    );
  return queued.filter((message) => !message.end).length;
}
