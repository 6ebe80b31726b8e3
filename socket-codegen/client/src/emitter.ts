// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

import type { Off } from "./types.js";

type Listener = (...args: never[]) => void;

export type Emitter = readonly [
  on: (key: string, handler: Listener) => Off,
  /**
   * Runs the handlers of these keys, those that are there now, and not one that another took back, nor
   * any once `now` gives something else. `false`: there was none.
   */
  tell: (keys: readonly string[], ...args: readonly unknown[]) => boolean,
];

/** `now` gives what handlers are told about; `threw` is told what one throws. */
export function createEmitter(now: () => unknown, threw: (error: unknown) => void): Emitter {
  const all = new Map<string, Set<{ handler: Listener }>>();
  // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
  const { dispose = "" } = Symbol as { readonly dispose?: symbol };
  return [
    (key, handler) => {
      const entries = all.get(key) ?? new Set();
      // Its own object, so that the same function given twice is two handlers with two ends.
      const entry = { handler };
      all.set(key, entries.add(entry));
      const off = () => {
        if (entries.delete(entry) && !entries.size) all.delete(key);
      };
      return Object.assign(off, { [dispose]: off }) as unknown as Off;
    },
    (keys, ...args) => {
      const then = now();
      let heard = false;
      for (const key of keys) {
        const entries = all.get(key);
        for (const entry of [...(entries ?? [])]) {
          if (then !== now() || !entries?.has(entry)) continue;
          heard = true;
          try {
            entry.handler(...(args as never[]));
          } catch (error) {
            threw(error);
          }
        }
      }
      return heard;
    },
  ];
}
