// Messages: the events of a socket as an async iterator. Its own file: who does not import it pays
// nothing for it.

import type { Socket } from "./socket.js";
import type { State } from "./state.js";
import type { Message, ProtocolShape } from "./types.js";
import { createUnread } from "./unread.js";
import type { Client } from "./untyped.js";

export interface MessagesOptions {
  /** Only what was published to this channel. */
  channel?: string;
  /** Ends the iteration. */
  signal?: AbortSignal;
  /** Messages that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
  max?: number;
}

/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { channel, signal, max }: MessagesOptions = {},
): AsyncIterableIterator<Message<P>> {
  const client = socket as unknown as Client;
  const finish = () => unread.end();
  const offs = [
    client.on(":onMessage", (_, message) => {
      if (channel === undefined || message.channel === channel) {
        unread.push(message as unknown as Message<P>);
      }
    }),
    client.on(":state", (_, state) => (state as unknown as State).status === "closed" && finish()),
    () => signal?.removeEventListener("abort", finish),
  ];
  const unread = createUnread<Message<P>>(() => {
    for (const off of offs) off();
  }, max);
  signal?.addEventListener("abort", finish);
  if (signal?.aborted || client.state.status === "closed") finish();
  return unread.iterator;
}
