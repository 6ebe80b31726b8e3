// State: what the socket is doing, as a value that never changes. Compare two by identity.

export type State =
  /** Made with `connect: false`, and not told to connect yet. */
  | { readonly status: "idle" }
  /** From asking for the token to the server's welcome. */
  | { readonly status: "connecting"; readonly attempt: number }
  | {
      readonly status: "open";
      /** The connection's id: `from` in the events that it causes. */
      readonly id: string;
      /** Who the server takes this connection for, `null` for nobody. */
      readonly user: User | null;
    }
  /** Lost, and coming back at `retryAt` (milliseconds since 1970). */
  | {
      readonly status: "waiting";
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: Cause;
    }
  /** For good, until `connect()` is called. */
  | { readonly status: "closed"; readonly cause: Cause };

export interface User {
  readonly id: string;
  readonly name: string;
}

/** Why there is no connection. */
export interface Cause {
  /**
   * - `lost`: the network or the server went away; the client comes back by itself.
   * - `user`: `disconnect()` was called.
   * - `asked`: the server asked the client to stay away.
   * - `refused`: a close code of 4500 or more.
   * - `unauthorized`: two refusals in a row, or the token provider gave `null`.
   * - `upgrade-required`: the server no longer speaks this version of the protocol.
   * - `unusable`: no WebSocket here, or no usable URL.
   */
  readonly kind:
    | "lost"
    | "user"
    | "asked"
    | "refused"
    | "unauthorized"
    | "upgrade-required"
    | "unusable";
  /** A sentence for people. */
  readonly message: string;
  /** The close code, of the close frame or of the refusal that it would have followed. */
  readonly closeCode?: number | undefined;
}
