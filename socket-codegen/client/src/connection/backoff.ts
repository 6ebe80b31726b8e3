// Backoff: whether a client comes back after a connection was lost, and when.

import type { Core } from "../core.js";
import type { Cause } from "../state.js";
import { numberOf } from "../wire.js";

/** ms over which clients spread their first reconnect, where the server names none. */
const SPREAD = 2_000;

/** What a close code means. `refusals`: of the token, in a row. */
export const kindOf = (closeCode: number, refusals: number): Cause["kind"] =>
  refusals > 1
    ? "unauthorized"
    : closeCode === 4526
      ? "upgrade-required"
      : closeCode >= 4500
        ? "refused"
        : "lost";

/** ms until the next attempt: anywhere in the server's spread at first, which doubles up to 20 s. */
export const delayOf = ({ random, welcome, attempt }: Core, closeCode: number): number =>
  random() * Math.min(2e4, numberOf(welcome["spread"], SPREAD) * 2 ** attempt) +
  // Closed for too many messages.
  (closeCode === 4429 ? 3_000 : 0);
