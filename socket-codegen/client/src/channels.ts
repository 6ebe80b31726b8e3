// Channels: those that this client wants to be in, and what the server says of them. Wishes outlive
// connections: each `:connect` names them all.

import type { Emitter } from "./emitter.js";
import { type End, errorOf, lostCall, promiseOf, SocketError } from "./errors.js";
import type { Report } from "./options.js";
import type { Position, Recovery } from "./recovery.js";
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
  /** On this connection; `null` on an earlier one, so that what is missed from then on is told. */
  result?: JoinResult | null;
  /** The last event that was heard, where it keeps history. */
  since?: Position | undefined;
}

export type Channels = readonly [
  /** Counted by holder: a second join of the same one changes nothing. */
  join: (channel: string, holder: object) => Promise<JoinResult>,
  leave: (channel: string, holder: object) => void,
  /** What `:connect` says of channels. */
  request: () => unknown,
  /** There is a connection, of which this is the answer: asks for what was wished meanwhile. */
  reconcile: (answer: Fields) => void,
  /** Takes in what the answer says. */
  welcome: (answer: Fields) => void,
  /** There is no connection any more; the wishes stay. `isClosed`: nor will one come. */
  ended: (isClosed: boolean) => void,
  /** The server says that this connection is in. */
  joined: (channel: string, result: unknown) => void,
  /** The server says that this connection is not in, and why. */
  closed: (channel: string, error: SocketError) => void,
  /** The server says that it lost events. */
  gap: (channel: string, position: unknown) => void,
  /** `false`: this event was heard before. */
  isNews: (channel: string, event: EventMessage<string, unknown>) => boolean,
];

/** `everywhere`: the channels that nobody joins. */
export function createChannels(
  everywhere: readonly string[],
  recovery: Recovery | undefined,
  isOpen: () => boolean,
  ask: (cmd: ":join" | ":leave", channel: string, param: unknown, end: End) => void,
  on: Emitter[0],
  tell: Emitter[1],
  report: Report,
): Channels {
  const [positionOf, isNext] = recovery ?? [];
  const all = new Map<string, Membership>();
  /** What the last `:connect` named. */
  let named = {};

  const get = (channel: string) => {
    const member = all.get(channel) ?? { holders: new Set() };
    all.set(channel, member);
    return member;
  };

  /** Ends what waits for a join. `false`: nothing did. */
  const settle = (channel: string, outcome: JoinResult | SocketError) =>
    tell([`:joined ${channel}`], outcome);

  const missed = (channel: string, reason: Gap["reason"]) => {
    const gap: Gap = { channel, reason };
    if (tell([`:gap ${channel}`, ":gap"], gap) || reason !== "gap") return;
    report("channel", `${channel}: events were lost`);
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

  const joined = (channel: string, value: unknown) => {
    const member = get(channel);
    const result: JoinResult = fieldsOf(value);
    const { recovery } = result;
    const hasMissed = member.result === null && recovery !== "complete";
    // What follows a complete recovery goes on from the last event that was heard.
    if (!member.since || hasMissed) member.since = positionOf?.(value);
    member.result = result;
    settle(channel, result);
    if (hasMissed) missed(channel, recovery === "gap" ? recovery : "no-history");
  };

  const closed = (channel: string, error: SocketError) => {
    if (!all.delete(channel)) return;
    const isAwaited = settle(channel, error);
    if (tell([`:closed ${channel}`], error) || isAwaited) return;
    report("channel", `${channel}: ${error.message}`, error);
  };

  for (const channel of everywhere) get(channel);

  return [
    (channel, holder) =>
      promiseOf((end) => {
        const isNew = !all.has(channel);
        const member = get(channel);
        const { holders, result } = member;
        holders.add(holder);
        if (result) return end(result);
        const off = on(`:joined ${channel}`, (outcome) => {
          off();
          end(outcome);
        });
        if (isNew && isOpen()) askToJoin(channel, member);
      }),
    (channel, holder) => {
      const member = all.get(channel);
      member?.holders.delete(holder);
      // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
      // a component down and put it up again, and the server need not hear of it.
      setTimeout(() => {
        if (!member || member.holders.size || all.get(channel) !== member) return;
        all.delete(channel);
        settle(channel, new SocketError("aborted"));
        if (isOpen()) askToLeave(channel);
      });
    },
    () => {
      named = Object.fromEntries([...all].map(([channel, { since }]) => [channel, { since }]));
      return named;
    },
    (answer) => {
      // Everybody is in those that begin with a colon, and nobody joins them.
      for (const [channel, member] of all)
        if (channel[0] !== ":" && !Object.hasOwn(answer, channel)) askToJoin(channel, member);
    },
    (answer) => {
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
    (isClosed) => {
      for (const [channel, member] of all) {
        member.result &&= null;
        if (isClosed) settle(channel, lostCall(false));
      }
    },
    joined,
    closed,
    (channel, position) => {
      const member = all.get(channel);
      if (!member) return;
      member.since = positionOf?.(position);
      missed(channel, "gap");
    },
    (channel, event) => {
      const member = all.get(channel);
      return !member || !isNext || isNext(member, event, () => missed(channel, "gap"));
    },
  ];
}
