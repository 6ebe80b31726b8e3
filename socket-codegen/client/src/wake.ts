// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: (type: string, listener: () => void) => void;
  readonly removeEventListener?: (type: string, listener: () => void) => void;
  readonly visibilityState?: string;
  readonly document?: Place;
}

/** Calls `wake` at each of them, until taken back. A page that goes away is not one that wakes up. */
export function onWake(wake: () => void): () => void {
  const host = globalThis as Place;
  const page = host.document;
  const look = () => {
    if (page?.visibilityState !== "hidden") wake();
  };
  const places = [
    [host, ["online", "focus", "pageshow"]],
    [page, ["visibilitychange", "resume"]],
  ] as const;
  const each = (act: "addEventListener" | "removeEventListener") => {
    for (const [place, types] of places) for (const type of types) place?.[act]?.(type, look);
  };
  each("addEventListener");
  return () => each("removeEventListener");
}
