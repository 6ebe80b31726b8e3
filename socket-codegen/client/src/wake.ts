// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: (moment: string, wake: () => void) => void;
  readonly removeEventListener?: (moment: string, wake: () => void) => void;
  readonly document?: Place;
}

const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];

/** Begins or ends to call `wake` at each of them. The same function is never called twice for one. */
export function listen(how: "addEventListener" | "removeEventListener", wake: () => void): void {
  for (const place of [globalThis as Place, (globalThis as Place).document])
    for (const moment of MOMENTS) place?.[how]?.(moment, wake);
}
