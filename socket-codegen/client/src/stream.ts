// Stream: the reply of a command that streams, as an async iterator. Its own file: who does not import
// it pays nothing for it.

import { SocketError } from "./errors.js";
import type { Socket } from "./socket.js";
import type { CallOptions, Command, ProtocolShape } from "./types.js";
import { createUnread } from "./unread.js";
import type { AnyCommand, Client } from "./untyped.js";

export interface StreamOptions extends CallOptions {
  /** Items that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
  max?: number;
}

/** The commands that answer with a stream. */
export type StreamingOf<P extends ProtocolShape<P>> = {
  [K in keyof P["commands"]]: P["commands"][K] extends { item: unknown } ? K : never;
}[keyof P["commands"]];

/** What one of them streams. */
export type ItemOf<
  P extends ProtocolShape<P>,
  K extends keyof P["commands"],
> = P["commands"][K] extends { item: infer Item } ? Item : never;

/** Its items, and with the last `next` the reply. */
export interface Stream<Item, Reply> extends AsyncIterator<Item, Reply, undefined> {
  [Symbol.asyncIterator](): this;
}

/**
 * Sends a command that streams, and gives its items as they come. Leaving the loop, or `signal`, tells
 * the server to stop. It ends with the server's reply, which `next` gives as its last value; it throws
 * what a call rejects with, `disconnected` where the connection broke in its middle. `timeout` is for
 * the whole of it. Default: 11 days.
 */
export function stream<P extends ProtocolShape<P>, K extends StreamingOf<P>>(
  socket: Socket<P>,
  command: Command<P, K>,
  { signal, max, timeout = Number.POSITIVE_INFINITY }: StreamOptions = {},
): Stream<ItemOf<P, K>, P["commands"][K]["reply"]> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  const unread = createUnread<ItemOf<P, K>>(() => {
    signal?.removeEventListener("abort", abort);
    // After the server's end there is nothing to stop, and this does nothing.
    stop.abort();
  }, max);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  (socket as unknown as Client)
    .call(command as AnyCommand, {
      timeout,
      signal: stop.signal,
      item: (item) =>
        item instanceof SocketError ? unread.end(item) : unread.push(item as ItemOf<P, K>),
    })
    .then(
      (reply) => unread.end(undefined, reply),
      (error: SocketError) => unread.end(error),
    );
  return unread.iterator as Stream<ItemOf<P, K>, P["commands"][K]["reply"]>;
}
