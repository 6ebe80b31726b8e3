// Recovery: how far each channel that keeps history was heard. Protocols that keep none do not import it.

import type { EventMessage } from "./types.js";
import { fieldsOf } from "./wire.js";

/** Where a channel stands, or stood when its last event was heard. */
export interface Position {
  /** Changes when the history was lost. */
  readonly epoch: unknown;
  readonly at: number;
}

/** What `recovery` is. */
export type Recovery = readonly [
  /** Where the server says that a channel stands, if it does. */
  positionOf: (value: unknown) => Position | undefined,
  /** Moves on to this event, over what was `missed`. `false`: it was heard before. */
  isNext: (
    member: { since?: Position | undefined },
    event: EventMessage<string, unknown>,
    missed: () => void,
  ) => boolean,
];

/** What emitted files hand to `define` where their protocol keeps history. */
export const recovery: Recovery = [
  (value) => {
    const { epoch, at } = fieldsOf(value);
    return typeof at === "number" ? { epoch, at } : undefined;
  },
  (member, { at, prev }, missed) => {
    const { since } = member;
    if (!since || typeof at !== "number") return true;
    if (at <= since.at) return false;
    member.since = { ...since, at };
    if ((prev ?? at - 1) > since.at) missed();
    return true;
  },
];
