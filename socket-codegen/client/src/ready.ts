// Ready: a promise of the connection. Its own file: who does not import it pays nothing for it.

import { promiseOf, SocketError } from "./errors.js";
import type { Socket } from "./socket.js";
import type { State } from "./state.js";
import type { ProtocolShape } from "./types.js";

type Open = Extract<State, { status: "open" }>;

export interface ReadyOptions {
  /** Ends the wait: `AbortSignal.timeout(5_000)` bounds it. Default: none, it may wait forever. */
  signal?: AbortSignal;
}

/**
 * The state of an open connection, at once where there is one, else as soon as there is. Rejects with
 * `disconnected` where the socket is closed for good, or comes to be (the `cause` is the state's), and with
 * `aborted` when `signal` says so. It connects nothing by itself, and `send` and `call` need not wait for it.
 */
export async function ready<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { signal }: ReadyOptions = {},
): Promise<Open> {
  const offs: (() => void)[] = [];
  try {
    return await promiseOf<Open>((end) => {
      const abort = () => end(new SocketError({ code: "aborted", cause: signal?.reason }));
      const listen = (state: State) => {
        const { status } = state;
        if (status === "open") end(state);
        if (status === "closed")
          end(
            new SocketError({
              code: "disconnected",
              message: state.cause.message,
              cause: state.cause,
            }),
          );
      };
      signal?.addEventListener("abort", abort);
      offs.push(() => signal?.removeEventListener("abort", abort), socket.subscribe(listen));
      if (signal?.aborted) abort();
    });
  } finally {
    for (const off of offs) off();
  }
}
