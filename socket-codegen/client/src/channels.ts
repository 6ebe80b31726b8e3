// Channels: those that this client wants to be in, what the server says of them, and how far each was
// heard. Wishes outlive connections: each `:connect` names them all.

import { type End, errorOf, lostCall, promiseOf, SocketError } from "./errors.js";
import type { EventMessage } from "./types.js";
import { type Fields, fieldsOf } from "./wire.js";

/** What the server says of a channel that was joined. */
export interface JoinResult {
  /** Whether what was published meanwhile follows. Absent where the channel says nothing of it. */
  readonly recovery?: "fresh" | "complete" | "gap" | "none";
  /** What the server's join decision adds. */
  readonly data?: unknown;
}

/** Events of a channel may be missing. */
export interface Gap {
  readonly channel: string;
  /**
   * - `gap`: there were some, and its history no longer holds them.
   * - `no-history`: the connection broke, and the channel keeps none.
   */
  readonly reason: "gap" | "no-history";
}

interface Membership {
  /** Who wants it here: nobody where the server put this connection in. */
  readonly holders: Set<object>;
  readonly waiters: End<JoinResult>[];
  /** On this connection. */
  result?: JoinResult | undefined;
  /** It was in before: what is missed from then on is told. */
  wasIn?: boolean;
  /** The last event that was heard, where it keeps history. */
  since?: { readonly epoch: unknown; readonly at: number } | undefined;
}

export interface Channels {
  /** Counted by holder: a second join of the same one changes nothing. */
  readonly join: (channel: string, holder: object) => Promise<JoinResult>;
  readonly leave: (channel: string, holder: object) => void;
  /** What `:connect` says of channels. */
  readonly request: () => unknown;
  /** There is no connection any more; the wishes stay. */
  readonly broken: () => void;
  /** There is one, of which this is the answer: asks for what was wished or left meanwhile. */
  readonly reconcile: (answer: Fields) => void;
  /** Takes in what the answer says. */
  readonly welcome: (answer: Fields) => void;
  /** The server says that this connection is in. */
  readonly joined: (channel: string, result: unknown) => void;
  /** The server says that this connection is not in, and why. */
  readonly closed: (channel: string, error: SocketError) => void;
  /** The server says that it lost events. */
  readonly gap: (channel: string, position: unknown) => void;
  /** `false`: this event was heard before. */
  readonly isNews: (channel: string, event: EventMessage<string, unknown>) => boolean;
  /** No connection will come: what is waited for will not happen. The wishes stay. */
  readonly fail: () => void;
}

/** `lost`: a channel was lost, or never reached. `awaited`: a promise says so too. */
export function createChannels(
  everywhere: readonly string[],
  isOpen: () => boolean,
  ask: (cmd: ":join" | ":leave", channel: string, param: unknown, end: End) => void,
  lost: (channel: string, error: SocketError, awaited: boolean) => void,
  missed: (gap: Gap) => void,
): Channels {
  const all = new Map<string, Membership>();
  /** What the last `:connect` named. */
  let named = {};

  const get = (channel: string) => {
    const member = all.get(channel) ?? { holders: new Set(), waiters: [] };
    all.set(channel, member);
    return member;
  };

  const tell = ({ waiters }: Membership, outcome: JoinResult | SocketError) => {
    for (const waiter of waiters.splice(0)) waiter(outcome);
  };

  const askToJoin = (channel: string, member: Membership) => {
    const { since } = member;
    ask(":join", channel, since && { since }, (outcome) => {
      const now = all.get(channel);
      // It may have been left meanwhile. After a break the next `:connect` asks again.
      if (now ? now !== member : !member.holders.size) return;
      all.set(channel, member);
      // Behind a `:closed` this is the server's last word.
      if (!(outcome instanceof SocketError)) joined(channel, outcome);
      else if (outcome.code !== "disconnected") closed(channel, outcome);
    });
  };

  /** Leaving what one is not in is a success too: no answer to it matters. */
  const askToLeave = (channel: string) => ask(":leave", channel, undefined, () => {});

  const positionOf = (value: unknown) => {
    const { epoch, at } = fieldsOf(value);
    return typeof at === "number" ? { epoch, at } : undefined;
  };

  const joined = (channel: string, value: unknown) => {
    const member = get(channel);
    const result: JoinResult = fieldsOf(value);
    const { recovery } = result;
    const hasMissed = member.wasIn && !member.result && recovery !== "complete";
    // What follows a complete recovery goes on from the last event that was heard.
    if (!member.since || hasMissed) member.since = positionOf(value);
    member.wasIn = true;
    member.result = result;
    tell(member, result);
    if (hasMissed) missed({ channel, reason: recovery === "gap" ? recovery : "no-history" });
  };

  const closed = (channel: string, error: SocketError) => {
    const member = all.get(channel);
    if (!member) return;
    all.delete(channel);
    const awaited = member.waiters.length > 0;
    tell(member, error);
    lost(channel, error, awaited);
  };

  for (const channel of everywhere) get(channel);

  return {
    join: (channel, holder) =>
      promiseOf((end) => {
        const isNew = !all.has(channel);
        const member = get(channel);
        const { holders, result, waiters } = member;
        holders.add(holder);
        if (result) end(result);
        else waiters.push(end);
        if (isNew && isOpen()) askToJoin(channel, member);
      }),
    leave(channel, holder) {
      const member = all.get(channel);
      member?.holders.delete(holder);
      // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
      // a component down and put it up again, and the server need not hear of it.
      setTimeout(() => {
        if (!member || member.holders.size > 0 || all.get(channel) !== member) return;
        all.delete(channel);
        tell(member, new SocketError("aborted"));
        if (isOpen()) askToLeave(channel);
      });
    },
    request() {
      named = Object.fromEntries([...all].map(([channel, { since }]) => [channel, { since }]));
      return named;
    },
    broken() {
      for (const member of all.values()) member.result = undefined;
    },
    reconcile(answer) {
      // Everybody is in those that begin with a colon, and nobody joins them.
      for (const [channel, member] of all)
        if (channel[0] !== ":" && !Object.hasOwn(answer, channel)) askToJoin(channel, member);
    },
    welcome(answer) {
      for (const [channel, result] of Object.entries(answer)) {
        const { error } = fieldsOf(result);
        // A handler may have disconnected.
        if (!isOpen()) return;
        if (error) closed(channel, errorOf(error));
        // It was left while `:connect` was on its way.
        else if (Object.hasOwn(named, channel) && !all.has(channel)) askToLeave(channel);
        else joined(channel, result);
      }
    },
    joined,
    closed,
    gap(channel, position) {
      const member = all.get(channel);
      if (!member) return;
      member.since = positionOf(position);
      missed({ channel, reason: "gap" });
    },
    isNews(channel, { at, prev }) {
      const member = all.get(channel);
      const since = member?.since;
      if (!since || typeof at !== "number") return true;
      if (at <= since.at) return false;
      member.since = { ...since, at };
      if ((prev ?? at - 1) > since.at) missed({ channel, reason: "gap" });
      return true;
    },
    fail() {
      for (const member of all.values()) tell(member, lostCall(false));
    },
  };
}
