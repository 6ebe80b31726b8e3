// Messages: the events of a socket as an async iterator. Its own file: who does not import it pays
// nothing for it.

import { SocketError } from "./errors.js";
import type { Socket } from "./socket.js";
import type { State } from "./state.js";
import type { Message, Off, ProtocolShape } from "./types.js";

export interface MessagesOptions {
  /** Only what was published to this channel. */
  channel?: string;
  /** Ends the iteration. */
  signal?: AbortSignal;
  /** Messages that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
  max?: number;
}

/** What of a socket is needed here, without its types. */
interface Source<Event> {
  on(key: ":message", handler: (message: Event) => void): Off;
  subscribe(listener: (state: State) => void): Off;
}

/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { channel, signal, max = 1_000 }: MessagesOptions = {},
): AsyncIterableIterator<Message<P>> {
  const source = socket as unknown as Source<Message<P>>;
  const unread: Message<P>[] = [];
  let error: SocketError | undefined;
  let ended = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  const end = () => {
    ended = true;
    off();
    offState();
    signal?.removeEventListener("abort", end);
    wake();
  };
  const off = source.on(":message", (message) => {
    if (channel !== undefined && message.channel !== channel) return;
    if (unread.length < max) unread.push(message);
    else {
      error = new SocketError("too-many", `${max} messages wait to be read`, {
        data: { limit: max },
      });
      end();
    }
    wake();
  });
  const offState = source.subscribe(({ status }) => {
    if (status === "closed") end();
  });
  signal?.addEventListener("abort", end);
  if (signal?.aborted || socket.state.status === "closed") end();
  return {
    async next() {
      while (unread.length === 0 && !ended) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const value = unread.shift();
      if (value) return { done: false, value };
      // Told once, after all that was still in order.
      const failed = error;
      error = undefined;
      if (failed) throw failed;
      return { done: true, value: undefined };
    },
    return() {
      unread.length = 0;
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
