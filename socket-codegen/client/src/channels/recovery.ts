// Recovery: how far each channel that keeps history was heard. Protocols that keep none do not import it.

import type { EventMessage } from "../types.js";
import type { Membership } from "./membership.js";

/** What `recovery` is. */
export type Recovery = readonly [
  /** The server says where a channel stands: from there on, unless what was heard goes on. */
  stand: (member: Membership, said: unknown, anew: boolean) => void,
  /** Moves on to this event, over what was `missed`. `false`: it was heard before. */
  isNext: (
    member: Membership | undefined,
    event: EventMessage<string, unknown>,
    missed: () => void,
  ) => boolean,
];

/** What emitted files hand to `define` where their protocol keeps history. */
export const recovery: Recovery = [
  (member, said, anew) => {
    const { epoch, at } = Object(said);
    if (anew || !member.since) member.since = typeof at === "number" ? { epoch, at } : undefined;
  },
  (member, { at, prev }, missed) => {
    const since = member?.since;
    if (!since || typeof at !== "number") return true;
    if (at <= since.at) return false;
    member.since = { ...since, at };
    if ((prev ?? at - 1) > since.at) missed();
    return true;
  },
];
