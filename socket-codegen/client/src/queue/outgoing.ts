// Outgoing: a message on its way out, from the moment it is made.

import type { End } from "../errors.js";

/** With an `end` it is a call. */
export interface Outgoing {
  /** The whole JSON text. */
  readonly text: string;
  /**
   * When it is not worth sending any more. Without it this is a command of the protocol's own, good for
   * one connection: after a break `:connect` says what still holds of it.
   */
  readonly until?: number;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** Bytes, which is what waits is bounded by. */
  size?: number;
  /** Of a call, and the same when it is sent again. */
  readonly id?: number | undefined;
  /** Told the error, or the reply. */
  readonly end?: End | undefined;
  /** Of a call of the program: what it asks for. */
  readonly cmd?: string;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
}

/** Messages that wait for the connection at most; further ones are refused. */
export const MOST_QUEUED = 1_000;

/** Bytes that wait for the connection at most. Over as much that the WebSocket holds back, it counts as not open. */
export const MOST_BYTES: number = 2 ** 20;
