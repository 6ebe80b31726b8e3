// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: EventTarget["addEventListener"];
  readonly visibilityState?: string;
  readonly document?: Place;
}

const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];

/** Calls `wake` at each of them, until aborted. A page that goes away is not one that wakes up. */
export function onWake(wake: () => void): AbortController {
  const host = globalThis as Place;
  const page = host.document;
  const stop = new AbortController();
  const look = () => {
    if (page?.visibilityState !== "hidden") wake();
  };
  for (const place of [host, page])
    for (const moment of MOMENTS) place?.addEventListener?.(moment, look, stop);
  return stop;
}
