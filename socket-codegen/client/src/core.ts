// Core: what one client is made of and what it knows, each part's own in one place. The functions of all parts
// take it first.

import type { Membership } from "./channels/membership.js";
import type { SocketError } from "./errors.js";
import type { Options, WebSocketLike } from "./options.js";
import type { Outgoing } from "./queue/outgoing.js";
import type { State } from "./state.js";
import type { AnyProtocol, Descriptor } from "./types.js";
import type { Fields } from "./wire.js";

export type Timer = ReturnType<typeof setTimeout>;
export type Listener = (...args: never[]) => void;

export interface Core {
  readonly descriptor: Descriptor;
  readonly options: Options<AnyProtocol>;
  /** The time in ms, by the wall clock: a page that slept finds its deadlines passed. */
  readonly now: () => number;
  readonly random: () => number;
  /** The object that the program holds. */
  readonly client: { state?: State };

  /** `handlers.ts`: who listens, by key. */
  readonly listeners: Map<string, Set<readonly [Listener]>>;

  /** `connection/`: what it is doing, the same as the client's. */
  state: State;
  /** The WebSocket of this connection, or of the attempt to make one. */
  ws?: WebSocketLike | undefined;
  /** The last welcome. Its `session` is in memory only: storage would be shared by a duplicated tab. */
  welcome: Fields;
  /** The limits of that welcome. */
  limits: { readonly message?: number; readonly rate?: unknown; readonly burst?: unknown };
  /** The channels that the `:connect` of this connection named; absent until it is sent. */
  named?: ReadonlyMap<string, Membership> | undefined;
  /** Attempts since the last connection that lasted, and refusals of the token in a row. */
  attempt: number;
  refusals: number;
  openedAt: number;
  /** ms of silence that are allowed, or for the whole of an attempt or a delay. */
  silence: number;
  /** When this state is given up, when the server wants this client elsewhere, when the token is renewed. */
  deadline: number;
  drainAt: number;
  renewAt: number;
  /** ms from now to the deadline at most, whatever the clock says; without a bound while a large message comes. */
  allowed: number;
  /** How often the silence is allowed once more: after a connection was lost in silence. */
  patience: number;
  /** When the page woke up last and was looked at, and when it is looked at next. */
  wokeAt: number;
  wakeAt: number;
  timer?: Timer;
  /** The server's no to `:connect`, until the close that follows. */
  refused?: SocketError | undefined;
  /** Stable, so that it can be taken off the page's events again. */
  readonly wake: () => void;

  /** `queue/`: messages that wait, in order. */
  queued: Outgoing[];
  /** Calls that were sent and not answered, by id, in the order in which they were first sent. */
  readonly inFlight: Map<unknown, Outgoing>;
  flushTimer?: Timer;
  /** When the next message would go if all went at the server's rate. It may lag by a burst. */
  due: number;

  /** `calls/`: the id of the newest call. */
  lastId: number;

  /** `channels/`: by name. */
  readonly members: Map<string, Membership>;
}

/** Whether the client is in this state. */
export const is = ({ state }: Core, status: State["status"]): boolean => state.status === status;
