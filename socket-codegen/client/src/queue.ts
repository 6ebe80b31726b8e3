// Queue: what waits for the connection, in order and bounded. It refuses the newest, so that what it
// accepted is never lost in silence.

import { byteLength } from "./wire.js";

/** A message on its way out. */
export interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /** Gives the text as it goes out now. */
  readonly stamp?: () => string;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** When it is not worth sending any more. */
  readonly staleAt?: number | undefined;
}

export interface QueueBounds {
  readonly queueMessages: number;
  readonly queueBytes: number;
  readonly now: () => number;
}

export class Queue {
  readonly #messages = new Map<Outgoing, number>();
  readonly #bounds: QueueBounds;
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** `false`: it is full, and the message was not taken. */
  add(message: Outgoing): boolean {
    this.#dropStale();
    for (const other of message.key ? this.#messages.keys() : [])
      if (other.key === message.key) this.remove(other);
    const bytes = byteLength(message.text);
    if (this.size >= this.#bounds.queueMessages) return false;
    if (this.#bytes + bytes > this.#bounds.queueBytes) return false;
    this.#messages.set(message, bytes);
    this.#bytes += bytes;
    return true;
  }

  remove(message: Outgoing): boolean {
    this.#bytes -= this.#messages.get(message) ?? 0;
    return this.#messages.delete(message);
  }

  /** Takes the oldest that is still worth sending. */
  shift(): Outgoing | undefined {
    this.#dropStale();
    const [first] = this.#messages.keys();
    if (first) this.remove(first);
    return first;
  }

  /** Takes everything. */
  clear(): Outgoing[] {
    this.#dropStale();
    const all = [...this.#messages.keys()];
    this.#messages.clear();
    this.#bytes = 0;
    return all;
  }

  #dropStale(): void {
    const now = this.#bounds.now();
    for (const message of this.#messages.keys())
      if (message.staleAt !== undefined && message.staleAt <= now) this.remove(message);
  }
}
