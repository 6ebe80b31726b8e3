// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

/**
 * ms until the next attempt. Full jitter from the first one on: any moment below the bound, which doubles
 * with each attempt and never exceeds 20 s.
 */
export function delayOf(random: () => number, spread: number, attempt: number): number {
  return random() * Math.min(20_000, spread * 2 ** attempt);
}

/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
export function endOf(closeCode = 0): "upgrade-required" | "refused" | undefined {
  if (closeCode === 4526) return "upgrade-required";
  return closeCode >= 4500 ? "refused" : undefined;
}
