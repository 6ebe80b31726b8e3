// Pace: how fast messages go out, so that the server refuses none for its rate.

import type { Core } from "../core.js";
import { numberOf, UNLIMITED } from "../wire.js";

/** ms from one message to the next at the server's rate. */
const interval = ({ limits }: Core): number => 1_000 / numberOf(limits.rate, UNLIMITED);

/** ms until one more message may go: at once, where it is not above 0. */
export function wait(core: Core): number {
  const now = core.now();
  // A clock that was set back holds nothing up.
  core.due = Math.min(core.due, now + interval(core));
  return core.due - now;
}

/** One message goes. */
export function charge(core: Core): void {
  // What goes out evenly may arrive bunched: a fifth of the burst stays in hand for that.
  const lag = numberOf(core.limits.burst, UNLIMITED) * 0.8 * interval(core);
  core.due = Math.max(core.due, core.now() + interval(core) - lag) + interval(core);
}
