// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

import { type Core, is } from "../core.js";
import type { State } from "../state.js";
import { start } from "./connection.js";
import { encode, write } from "./frames.js";
import { watch } from "./silence.js";

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

/** The page woke up. What the user closed stays closed. */
export function wake(core: Core): void {
  if ((globalThis as Place).document?.hidden) return;
  // The network may be back. A server that closed by itself had its reason: its delay holds.
  if (is(core, "waiting") && [0, 1006].includes((core.state as Waiting).cause.closeCode as number))
    start(core);
  else {
    // 2.5 s for a sign of life after the page woke up. Several events tell of one awakening, and
    // one question is enough.
    if (is(core, "open") && core.deadline > core.now() + 2_500) {
      write(core, encode(core, ":ping"));
      core.deadline = core.now() + 2_500;
    }
    watch(core);
  }
}
