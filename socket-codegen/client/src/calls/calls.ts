// Calls: commands on their way to the server, with or without somebody who waits for the reply.

import { encode } from "../connection/frames.js";
import type { Core } from "../core.js";
import { CALL_TIMEOUT } from "../defaults.js";
import { type End, promiseOf, SocketError } from "../errors.js";
import { report } from "../handlers.js";
import type { Outgoing } from "../queue/outgoing.js";
import { finish, put } from "../queue/queue.js";
import type { Result, SendOptions, SendResult } from "../types.js";
import type { AnyCallOptions, AnyCommand } from "../untyped.js";
import { UNLIMITED } from "../wire.js";

/** Sends a command of the protocol's own. Without an `end` nobody waits for its answer. */
export function ask(core: Core, cmd: string, channel?: string, param?: unknown, end?: End): void {
  const id = ++core.lastId;
  put(core, { text: encode(core, cmd, channel, param, id), id, end });
}

export function send(
  core: Core,
  { cmd, channel, param }: AnyCommand,
  { key, ttl = Infinity, volatile }: SendOptions = {},
): SendResult {
  try {
    return put(
      core,
      {
        text: encode(core, cmd, channel, param),
        until: core.now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
      },
      volatile,
    );
  } catch (error) {
    report(core, "send", (error as SocketError).message, error);
    return "dropped";
  }
}

export function call(
  core: Core,
  { cmd, channel, param }: AnyCommand,
  { timeout = core.options.callTimeout ?? CALL_TIMEOUT, signal, item }: AnyCallOptions = {},
): Promise<unknown> {
  return promiseOf((settle) => {
    const ms = Math.min(timeout, UNLIMITED) | 0;
    const id = ++core.lastId;
    const message: Outgoing = {
      cmd,
      id,
      item,
      text: encode(core, cmd, channel, param, id, ms),
      until: core.now() + ms,
      end(outcome) {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        settle(outcome);
      },
    };
    const end = (code: string, cause?: unknown) => {
      if (core.inFlight.has(id)) put(core, { text: encode(core, ":cancel", undefined, { id }) });
      finish(core, message, new SocketError({ code, cause }));
    };
    const abort = () => end("aborted", signal?.reason);
    const timer = setTimeout(end, ms, "timeout");
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else put(core, message);
  });
}

export function tryCall(
  core: Core,
  command: AnyCommand,
  options?: AnyCallOptions,
): Promise<Result<unknown, SocketError>> {
  return call(core, command, options).then(
    (value) => ({ ok: true, value }),
    (error) => ({ ok: false, error }),
  );
}
