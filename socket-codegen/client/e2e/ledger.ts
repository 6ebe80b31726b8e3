// What a client was told of one channel, checked item by item: the numbers that were published there go up
// by one, and a hole between two of them must have been announced.

import type { Gap } from "../../../generated-ts/conformance/socket.ts";

export class Ledger {
  readonly channel: string;
  /** What is wrong with what came. */
  readonly faults: string[];
  /** The number of the last event that was published, and of the last that came. */
  published = 0;
  last = 0;
  /** Where what comes next must be the one after `last`. */
  #isMember = false;
  /** What was told of what may be missing before the next event. */
  #told: Gap["reason"] | "left" | undefined;
  /** Gaps of a history before which nothing was missing. */
  idleGaps = 0;

  constructor(channel: string, faults: string[]) {
    this.channel = channel;
    this.faults = faults;
  }

  event(number: number): void {
    const { channel, last } = this;
    const isNext = number === last + 1;
    if (number <= last) this.faults.push(`${channel}: ${number} after ${last}`);
    if (this.#isMember && !isNext && !this.#told)
      this.faults.push(`${channel}: ${number} after ${last}, and nothing was told`);
    if (this.#isMember && isNext && this.#told === "gap") this.idleGaps++;
    this.last = number;
    this.#isMember = true;
    this.#told = undefined;
  }

  gap({ reason }: Gap): void {
    this.#told = reason;
  }

  /** The program leaves: what is published from now on need not come, until it is in again. */
  left(): void {
    this.#told ??= "left";
  }

  /** The server took it out, or did not let it in. */
  closed(): void {
    this.#isMember = false;
    this.#told = undefined;
  }
}
