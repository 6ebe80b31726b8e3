// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

import type { Off } from "./types.js";

type Listener = (...args: never[]) => void;

export class Emitter {
  readonly #handlers = new Map<string, Set<{ handler: Listener }>>();

  on(key: string, handler: Listener): Off {
    const set = this.#handlers.get(key) ?? new Set();
    this.#handlers.set(key, set);
    // Its own object, so that the same function given twice is two handlers with two ends.
    const entry = { handler };
    set.add(entry);
    const off = () => {
      set.delete(entry);
      if (set.size === 0 && this.#handlers.get(key) === set) this.#handlers.delete(key);
    };
    const { dispose } = Symbol as { readonly dispose?: symbol };
    return (dispose ? Object.assign(off, { [dispose]: off }) : off) as Off;
  }

  /** The handlers of now. One that is taken back while the others run is not called any more. */
  *of(key: string): Generator<Listener> {
    const set = this.#handlers.get(key);
    for (const entry of [...(set ?? [])]) if (set?.has(entry)) yield entry.handler;
  }
}
