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
   * - `upgrade-required`: the server no longer speaks this version of the protocol: load the page anew.
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
  /** The close code; 0 where there was none, because it was given up here. */
  readonly closeCode?: number | undefined;
  /**
   * With `upgrade-required`, what the server said of itself; absent where only the close code came. Of
   * other refusals the data of their error.
   */
  readonly upgrade?: Upgrade | undefined;
}

/** What a server speaks that does not understand this client's version of the protocol any more. */
export interface Upgrade {
  /** The protocol's name. */
  readonly name: string;
  /** The fingerprint of the server's version, where it knows that. */
  readonly fingerprint?: string;
  /** What changed since this client's version, where the server knows that one. */
  readonly changes?: readonly {
    /** The rule that the change breaks: `FIELD_ADDED_REQUIRED`. */
    readonly rule: string;
    /** Where, from the message's root: `chat.param.kind`. */
    readonly path: string;
    /** What happened there, as the rest of a sentence about the path. */
    readonly reason: string;
  }[];
}
