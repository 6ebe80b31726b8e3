// Outbox: the way out. Straight to the connection while nothing waits; else behind what waits, at the
// pace that the server allows.

import type { Connection } from "./connection.js";
import { type Outgoing, Queue, type QueueBounds } from "./queue.js";
import type { SendResult } from "./types.js";

interface Bounds extends QueueBounds {
  readonly bufferedBytes: number;
  readonly bufferedPoll: number;
}

/** Messages per second, and at once. */
export interface Pace {
  readonly rate: number;
  readonly burst: number;
}

export class Outbox {
  readonly #bounds: Bounds;
  readonly #queue: Queue;
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pace: Pace = { rate: 1, burst: 1 };
  /** What may go out at once, refilled as time passes. */
  #tokens = 0;
  #refilledAt = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#queue = new Queue(bounds);
  }

  /** `now`: or not at all. */
  put(message: Outgoing, now?: boolean): SendResult {
    if (this.#queue.size === 0 && this.#isReady) {
      this.#send(message);
      return "sent";
    }
    if (now || !this.#queue.add(message)) return "dropped";
    this.#flush();
    return "queued";
  }

  /** Takes a message back that still waits. */
  remove(message: Outgoing): boolean {
    return this.#queue.remove(message);
  }

  /** A connection is there: `first` goes out before what waits. */
  open(connection: Connection, first: readonly Outgoing[], pace: Pace): void {
    this.#connection = connection;
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#refilledAt = this.#bounds.now();
    for (const message of first) this.#send(message);
    this.#flush();
  }

  /** There is no connection: everything waits. */
  hold(): void {
    this.#connection = undefined;
    clearTimeout(this.#timer);
  }

  /** Takes back all that waits. */
  clear(): Outgoing[] {
    return this.#queue.clear();
  }

  get #isReady(): boolean {
    return (
      this.#connection !== undefined && this.#connection.buffered <= this.#bounds.bufferedBytes
    );
  }

  #send(message: Outgoing): void {
    this.#refill();
    this.#tokens = Math.max(0, this.#tokens - 1);
    this.#connection?.send(message.stamp?.() ?? message.text);
  }

  #refill(): void {
    const now = this.#bounds.now();
    const more = (Math.max(0, now - this.#refilledAt) * this.#pace.rate) / 1000;
    this.#tokens = Math.min(this.#pace.burst, this.#tokens + more);
    this.#refilledAt = now;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (!this.#connection) return;
    this.#refill();
    while (this.#tokens >= 1 && this.#isReady) {
      const message = this.#queue.shift();
      if (!message) return;
      this.#send(message);
    }
    if (this.#queue.size === 0) return;
    const wait = this.#isReady
      ? Math.ceil(((1 - this.#tokens) * 1000) / this.#pace.rate)
      : this.#bounds.bufferedPoll;
    this.#timer = setTimeout(() => this.#flush(), wait);
  }
}
