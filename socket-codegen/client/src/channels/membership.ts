// Channel: what is known of the channels that this client is in, or wishes to be in.

import type { Position } from "../types.js";

/** What the server says of a channel that was joined. */
export interface JoinResult {
  /** Whether what was published meanwhile follows. Absent where the channel says nothing of it. */
  readonly recovery?: "fresh" | "complete" | "gap" | "none";
  /** What the server's join decision adds. */
  readonly data?: unknown;
}

/** Events of a channel may be missing. */
export interface Gap {
  readonly channel: string;
  /**
   * - `gap`: there were some, and its history no longer holds them.
   * - `no-history`: the connection broke, and the channel keeps none.
   */
  readonly reason: "gap" | "no-history";
}

/** A channel that this client is in, or wishes to be in. Wishes outlive connections. */
export interface Membership {
  /** Those that want it here: none where the server put this connection in. */
  readonly rooms: Set<object>;
  /** On this connection; `null` on an earlier one, so that what is missed from then on is told. */
  result?: JoinResult | null;
  /** The last event that was heard, where it keeps history. */
  since?: Position | undefined;
}
