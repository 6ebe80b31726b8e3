// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

interface Waits {
  readonly random: () => number;
  readonly maxDelay: number;
}

/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
export function delayOf(settings: Waits, spread: number, attempt: number): number {
  return settings.random() * Math.min(settings.maxDelay, spread * 2 ** attempt);
}

/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
export function endOf(closeCode: number): "upgrade-required" | "refused" | undefined {
  if (closeCode === 4526) return "upgrade-required";
  return closeCode >= 4500 ? "refused" : undefined;
}
