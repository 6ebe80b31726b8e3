// History: what a channel keeps, and who is in it. Free functions, so that who does not import them
// pays nothing for them.

import type { Channel } from "./socket.js";
import type { User } from "./state.js";
import type { CallOptions, EventMessage, ProtocolShape } from "./types.js";
import type { Room } from "./untyped.js";

export interface HistoryOptions extends CallOptions {
  /** Events at most. The server has a bound of its own, 300 unless it was set. Default 100. */
  limit?: number;
  /** Only what is older than this `at`: that of the first event of the page before. */
  before?: number;
}

/** Any event of a channel. */
export type ChannelMessage<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]> = {
  [K in P["channels"][Pattern]["events"]]: EventMessage<K, P["events"][K]>;
}[P["channels"][Pattern]["events"]];

export interface HistoryPage<Event> {
  /** Where the channel stands: the offset of its newest event. */
  readonly at: number;
  /** Changes when the history was lost. */
  readonly epoch: string;
  /** The oldest first, and never more than fit into a message. None: there are no older ones. */
  readonly events: readonly Event[];
}

/** The channels that keep history. */
export type KeptBy<P extends ProtocolShape<P>> = {
  [K in keyof P["channels"]]: P["channels"][K] extends { history: true } ? K : never;
}[keyof P["channels"]];

/** The events that a channel keeps, the newest page first: pass the first `at` of one as `before`. */
export function history<P extends ProtocolShape<P>, Pattern extends KeptBy<P>>(
  channel: Channel<P, Pattern>,
  { limit = 100, before, ...options }: HistoryOptions = {},
): Promise<HistoryPage<ChannelMessage<P, Pattern>>> {
  const page = (channel as unknown as Room).call(":history", { limit, before }, options);
  return page as Promise<HistoryPage<ChannelMessage<P, Pattern>>>;
}

export interface PresenceOptions extends CallOptions {
  /** Members at most. Default: the server's, 100. */
  limit?: number;
  /** Where to go on: `next` of the page before. */
  after?: string;
}

/** One page of a channel's members. */
export interface MemberPage {
  /** All members, also those of other pages. */
  readonly count: number;
  readonly members: readonly Member[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

export interface Member {
  readonly connection: string;
  readonly user: User | null;
  /** What the channel's definition calls its presence. */
  readonly data?: unknown;
}

/** Who is in a channel that this connection is in, page by page. */
export function presence<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]>(
  channel: Channel<P, Pattern>,
  { limit, after, ...options }: PresenceOptions = {},
): Promise<MemberPage> {
  return (channel as unknown as Room).call(
    ":members",
    { limit, after },
    options,
  ) as Promise<MemberPage>;
}
