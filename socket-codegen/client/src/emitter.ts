// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

import type { Off } from "./types.js";

type Listener = (...args: never[]) => void;

export interface Emitter {
  readonly on: (key: string, handler: Listener) => Off;
  /**
   * Runs the handlers of these keys, those that are there now, and not one that another took back or
   * after `isOver`. `false`: there was none.
   */
  readonly emit: (
    keys: readonly string[],
    isOver: () => boolean,
    args: readonly unknown[],
  ) => boolean;
}

/** `threw` is told what a handler throws. */
export function createEmitter(threw: (error: unknown) => void): Emitter {
  const all = new Map<string, Set<{ handler: Listener }>>();
  // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
  const { dispose = "" } = Symbol as { readonly dispose?: symbol };
  return {
    on(key, handler) {
      const entries = all.get(key) ?? new Set();
      // Its own object, so that the same function given twice is two handlers with two ends.
      const entry = { handler };
      all.set(key, entries.add(entry));
      const off = () => {
        if (entries.delete(entry) && !entries.size) all.delete(key);
      };
      return Object.assign(off, { [dispose]: off }) as unknown as Off;
    },
    emit(keys, isOver, args) {
      let heard = false;
      for (const key of keys) {
        const entries = all.get(key);
        for (const entry of [...(entries ?? [])]) {
          if (isOver() || !entries?.has(entry)) continue;
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
  };
}
