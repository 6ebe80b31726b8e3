// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

import { type Core, is } from "../core.js";
import type { State } from "../state.js";
import { start } from "./connection.js";
import { encode, write } from "./frames.js";
import { look } from "./silence.js";

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: (moment: string, wake: () => void) => void;
  readonly removeEventListener?: (moment: string, wake: () => void) => void;
  readonly document?: Place & { readonly hidden?: boolean };
}

type Waiting = Extract<State, { status: "waiting" }>;

const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];

/** Begins or ends to call `wake` at each of them. The same function is never called twice for one. */
export function listen(how: "addEventListener" | "removeEventListener", wake: () => void): void {
  for (const place of [globalThis as Place, (globalThis as Place).document])
    for (const moment of MOMENTS) place?.[how]?.(moment, wake);
}

/** The page woke up. Several events tell of one awakening: it is looked at once a second. */
export function wake(core: Core): void {
  const now = core.now();
  if ((globalThis as Place).document?.hidden) return;
  // A clock that was set back holds nothing up.
  core.wakeAt = Math.max(now, Math.min(core.wokeAt, now) + 1_000);
  look(core);
}

/** Comes back, or asks for a sign of life. What the user closed stays closed. */
export function probe(core: Core): void {
  const now = core.now();
  core.wokeAt = now;
  core.wakeAt = Infinity;
  // The network may be back. A server that closed by itself had its reason: its delay holds.
  if (is(core, "waiting") && [0, 1006].includes((core.state as Waiting).cause.closeCode as number))
    start(core);
  // Behind a large message that is on its way no answer could come.
  else if (is(core, "open") && core.allowed < Infinity) {
    write(core, encode(core, ":ping"));
    core.deadline = Math.min(core.deadline, now + 2_500 * core.patience);
  }
}
