// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

import { MAX_DELAY } from "./options.js";

/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
export function delayOf(random: () => number, spread: number, attempt: number): number {
  return random() * Math.min(MAX_DELAY, spread * 2 ** attempt);
}

/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
export function endOf(closeCode = 0): "upgrade-required" | "refused" | undefined {
  if (closeCode === 4526) return "upgrade-required";
  return closeCode >= 4500 ? "refused" : undefined;
}
