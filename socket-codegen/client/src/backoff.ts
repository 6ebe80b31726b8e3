// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

interface Waits {
  readonly random: () => number;
  readonly maxDelay: number;
}

/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
export function delayOf(settings: Waits, spread: number, attempt: number): number {
  return settings.random() * Math.min(settings.maxDelay, spread * 2 ** attempt);
}

/** 4500 to 4999: stay away. Everything below: come back. */
export function staysAway(closeCode: number): boolean {
  return closeCode >= 4500;
}
