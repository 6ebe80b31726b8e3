// Made by socket-codegen 0.1.0.
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Types
//   Wire
//   State
//   Errors
//   Channels
//   Emitter
//   Options
//   Backoff
//   Wake
//   Lifecycle
//   Outbox
//   Client
//   Socket
//   Define
//   History
//   Unread
//   Messages
//   Stream

// -------------------------------------------------------------------------------------------------
// Types: how an emitted protocol types the socket. Only indexed access, so that an editor stays fast
// with a thousand commands.

/** The parameters or the reply of something that has none. */
export type Empty = Record<string, never>;

interface CommandShape {
  channel?: string;
  param?: unknown;
  reply: unknown;
  /** What it streams before the reply. */
  item?: unknown;
  error: unknown;
}

interface ChannelShape<Commands, Events> {
  name: string;
  commands: Commands;
  events: Events;
  /** It keeps events for those who come back. */
  history?: true;
}

/** What the interface `Protocol` of an emitted file must look like. */
export interface ProtocolShape<P extends ProtocolShape<P>> {
  commands: { [K in keyof P["commands"]]: CommandShape };
  events: { [K in keyof P["events"]]: unknown };
  channels: {
    [K in keyof P["channels"]]: ChannelShape<keyof P["commands"], keyof P["events"]>;
  };
  /** Some channel does, or what is sent to a user or to all. */
  history?: true;
}

/** What the client must know of a protocol when it runs. */
export interface Descriptor {
  readonly name: string;
  /** Hash of the wire, sent at connect. */
  readonly fingerprint: string;
  /** All events, so that an unknown one is seen. */
  readonly events: readonly string[];
  /** Commands that may be sent again although the server may have done them. */
  readonly idempotent: readonly string[];
  /** Which of `:user` and `:all` keep history. Channels say so when they are joined. */
  readonly keeps?: readonly string[];
  /** For values that JSON has no words for, where the protocol has such. */
  readonly codec?: Codec;
}

/** How values that JSON has no words for cross the wire. */
export interface Codec {
  /** What `JSON.stringify` takes, for what is sent. */
  readonly replacer: (key: string, value: unknown) => unknown;
  /**
   * What came, as the program sees it; the value may be changed in place. An event goes by its own name,
   * a reply, an item and an error by their command's. Throws where the text is none of the type's.
   */
  readonly revive: (what: Revived, name: string, value: unknown) => unknown;
}

/** The parts of messages that hold what a definition declares. */
type Revived = "event" | "reply" | "item" | "error";

/** A command as `send` and `call` take it. `channel` left out is the connection's default channel. */
export type Command<P extends ProtocolShape<P>, K extends keyof P["commands"]> = {
  cmd: K;
} & Pick<P["commands"][K], "channel" | "param">;

/** One event as handlers get it. */
export interface EventMessage<Name extends PropertyKey, Param> {
  readonly cmd: Name;
  readonly param: Param;
  /** The channel that it was published to, absent where it was sent to this connection or user. */
  readonly channel?: string;
  /** The id of the connection that caused it. */
  readonly from?: string;
  /** Its offset, where the channel keeps history. */
  readonly at?: number;
  /** The offset before it in this channel, where that is not `at - 1`. */
  readonly prev?: number;
}

/** Any event of the protocol: a union to switch over by `cmd`. */
export type Message<P extends ProtocolShape<P>> = {
  [K in keyof P["events"]]: EventMessage<K, P["events"][K]>;
}[keyof P["events"]];

/** An event that the protocol does not list: the server is newer than this client. */
export type UnknownMessage = EventMessage<string, unknown>;

/** Events that every protocol has beside its own. `on` takes them, `onMessage` does not get them. */
export interface BuiltinEvents {
  /** A member of the channel came or went. */
  "online-update": {
    readonly userID: string;
    readonly connection: string;
    readonly name?: string;
    readonly connected: boolean;
    readonly data?: unknown;
    /** The user has no other connection in this channel. */
    readonly last: boolean;
  };
  /** The presence data of a member changed. */
  "presence-update": {
    readonly connection: string;
    readonly data: unknown;
  };
}

/** The protocol's own events and those that every protocol has. */
export type EventsOf<P extends ProtocolShape<P>> = P["events"] & BuiltinEvents;

/** What `on` takes: the parameters, and for those who need more the whole event. */
export type Handler<Name extends PropertyKey, Param> = (
  param: Param,
  message: EventMessage<Name, Param>,
) => void;

/** The names of all channels. */
export type ChannelName<P extends ProtocolShape<P>> = P["channels"][keyof P["channels"]]["name"];

/** The pattern, or patterns, that a channel's name fits. */
export type PatternOf<P extends ProtocolShape<P>, Name extends string> = {
  [K in keyof P["channels"]]: Name extends P["channels"][K]["name"] ? K : never;
}[keyof P["channels"]];

/** The arguments after a command's name: `param` may be left out where nothing in it is required. */
type Rest<Entry extends CommandShape, Options> = Entry extends { param: unknown }
  ? [param: Entry["param"], options?: Options]
  : [param?: Entry["param"], options?: Options];

/**
 * Takes back what returned it. Calling it twice does nothing. With `using` it is called at the end of
 * the block, where both the engine and the `lib` of your TypeScript know that.
 */
export interface Off extends Disposes {
  (): void;
}

type Disposes = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? { readonly [K in Key]: () => void }
  : Record<never, never>;

/**
 * What became of a message: on its way; waiting for the connection; or refused, because the queue is
 * full, the message is over the server's limit, or the socket is closed.
 */
export type SendResult = "sent" | "queued" | "dropped";

/** What shall become of a message that cannot go out at once. */
export interface SendOptions {
  /** Of what waits of this command, channel and key only the newest is kept. */
  key?: string;
  /** ms after which it is not worth sending any more: it is given up where it waits. */
  ttl?: number;
  /** Now or not at all: it never waits, and is `dropped` instead. */
  volatile?: boolean;
}

export interface CallOptions {
  /** ms until it ends with `timeout`. Default: the option `callTimeout`. */
  timeout?: number;
  /** Ends it with `aborted`, and tells the server to stop. */
  signal?: AbortSignal;
}

/** What `tryCall` gives. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** A protocol of which nothing but its shape is known. */
interface AnyProtocol {
  commands: { [name: string]: { channel?: string; param?: unknown; reply: unknown; error: never } };
  events: { [name: string]: unknown };
  channels: { [pattern: string]: { name: string; commands: string; events: string } };
}

// -------------------------------------------------------------------------------------------------
// Wire: what a frame holds, and how values from outside are read without trusting their types.

/** The subprotocol that stands for the full mode of this protocol, version 1. */
const SUBPROTOCOL = "socket.v1";

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;

type Fields = { readonly [name: string]: unknown };

/** The fields of what may be no object: then there are none. */
function fieldsOf(value: unknown): Fields {
  return ((typeof value === "object" && value) || {}) as Fields;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}

/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(cmd: string, channel?: string, param?: unknown, codec?: Codec): string {
  return JSON.stringify({ cmd, channel, param }, codec?.replacer);
}

/** Adds fields to a command that is text already: its id is known only when it is sent. */
function withFields(
  text: string,
  fields: { id: number; timeout?: number | undefined },
): string {
  return `${text.slice(0, -1)},${JSON.stringify(fields).slice(1)}`;
}

/** UTF-8 bytes, which is what the limits count. */
function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

// -------------------------------------------------------------------------------------------------
// State: what the socket is doing, as a value that never changes. Compare two by identity.

export type State =
  /** Made with `connect: false`, and not told to connect yet. */
  | { readonly status: "idle" }
  /** From asking for the token to the server's welcome. */
  | { readonly status: "connecting"; readonly attempt: number }
  | {
      readonly status: "open";
      /** The connection's id: `from` in the events that it causes. */
      readonly id: string;
      /** Who the server takes this connection for, `null` for nobody. */
      readonly user: User | null;
    }
  /** Lost, and coming back at `retryAt` (milliseconds since 1970). */
  | {
      readonly status: "waiting";
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: Cause;
    }
  /** For good, until `connect()` is called. */
  | { readonly status: "closed"; readonly cause: Cause };

export interface User {
  readonly id: string;
  readonly name: string;
}

/** Why there is no connection. */
export interface Cause {
  /**
   * - `lost`: the network or the server went away; the client comes back by itself.
   * - `user`: `disconnect()` was called.
   * - `asked`: the server asked the client to stay away.
   * - `refused`: a close code of 4500 or more.
   * - `unauthorized`: two refusals in a row, or the token provider gave `null`.
   * - `upgrade-required`: the server no longer speaks this version of the protocol: load the page anew.
   * - `unusable`: no WebSocket here, or no usable URL.
   */
  readonly kind:
    | "lost"
    | "user"
    | "asked"
    | "refused"
    | "unauthorized"
    | "upgrade-required"
    | "unusable";
  /** A sentence for people. */
  readonly message: string;
  /** The close code, of the close frame or of the refusal that it would have followed. */
  readonly closeCode?: number | undefined;
  /** With `upgrade-required`, what the server said of itself; absent where only the close code came. */
  readonly upgrade?: Upgrade | undefined;
}

/** What a server speaks that does not understand this client's version of the protocol any more. */
export interface Upgrade {
  /** The protocol's name. */
  readonly name: string;
  /** The fingerprint of the server's version, where it knows that. */
  readonly fingerprint?: string;
  /** What changed since this client's version, where the server knows that one. */
  readonly changes?: readonly {
    /** The rule that the change breaks: `FIELD_ADDED_REQUIRED`. */
    readonly rule: string;
    /** Where, from the message's root: `chat.param.kind`. */
    readonly path: string;
    /** What happened there, as the rest of a sentence about the path. */
    readonly reason: string;
  }[];
}

// -------------------------------------------------------------------------------------------------
// Errors: one class that is thrown, and the codes that the protocol itself knows.

/**
 * The protocol's own errors. A command's own ones stand beside them in the emitted file, and a switch
 * over `code` tells them apart. A newer server may send a code that is not listed: keep a `default`.
 */
export type BuiltinError =
  | Fault<"invalid-message" | "unauthorized" | "forbidden" | "not-joined">
  | Fault<"unknown-channel" | "invalid-channel" | "timeout" | "cancelled">
  | Fault<"outcome-unknown" | "unavailable" | "aborted" | "queue-full">
  | Fault<"unknown-command", { readonly cmd: string; readonly similar?: string }>
  | Fault<"invalid-param", { readonly path: string; readonly reason: string }>
  | Fault<"rate-limited", { readonly retryAfter: number }>
  | Fault<"too-large" | "too-many", { readonly limit: number }>
  | Fault<"upgrade-required", Upgrade>
  | Fault<"internal", { readonly incident: string }>
  | (Fault<"disconnected"> & {
      /** Whether the server may have got the command, and may have done it. */
      readonly sent: boolean;
    });

/** One error: a stable `code`, a `message` for people, and what the code declares as `data`. */
export interface Fault<Code extends string, Data = unknown> {
  readonly code: Code;
  readonly message: string;
  readonly data: Data;
}

/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
  /** Kebab-case and stable: the protocol's, the command's own, or one that only the client makes. */
  declare readonly code: string;
  /** What the code declares. Checked by nobody: it is what the server sent. */
  declare readonly data: unknown;
  /** With `disconnected`: whether the server may have got the command. Else `false`. */
  declare readonly sent: boolean;

  constructor(
    code: string,
    message: string = code,
    more: { data?: unknown; sent?: boolean; cause?: unknown } = {},
  ) {
    super(message, more);
    const { data, sent = false } = more;
    Object.assign(this, { name: "SocketError", code, data, sent });
  }
}

/** What the server sent as an error. */
function errorOf(error: unknown): SocketError {
  const { code = "internal", message, data } = fieldsOf(error);
  return new SocketError(String(code), message as string | undefined, { data });
}

/** What a call ends with when its connection did. `sent`: the server may have got it. */
function lostCall(sent: boolean): SocketError {
  return new SocketError("disconnected", "disconnected", { sent });
}

/** Told the end of something: the error, or all else for success. */
type End<Value = unknown> = (outcome: Value | SocketError) => void;

/** A promise of something that ends. */
function promiseOf<Value>(start: (end: End<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) =>
    start((outcome) => (outcome instanceof SocketError ? reject : resolve)(outcome as Value)),
  );
}

// -------------------------------------------------------------------------------------------------
// Channels: those that this client wants to be in, what the server says of them, and how far each was
// heard. Wishes outlive connections: each `:connect` names them all.

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

interface Channels {
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
function createChannels(
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

// -------------------------------------------------------------------------------------------------
// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

type Listener = (...args: never[]) => void;

interface Emitter {
  readonly on: (key: string, handler: Listener) => Off;
  /**
   * Runs the handlers of these keys, those that are there now, and not one that another took back or
   * after `isOver`. `false`: there was none.
   */
  readonly emit: (
    keys: readonly string[],
    isOver: () => boolean,
    args: readonly unknown[],
  ) => boolean;
}

/** `threw` is told what a handler throws. */
function createEmitter(threw: (error: unknown) => void): Emitter {
  const all = new Map<string, Set<{ handler: Listener }>>();
  // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
  const { dispose = "" } = Symbol as { readonly dispose?: symbol };
  return {
    on(key, handler) {
      const entries = all.get(key) ?? new Set();
      // Its own object, so that the same function given twice is two handlers with two ends.
      const entry = { handler };
      all.set(key, entries.add(entry));
      const off = () => {
        if (entries.delete(entry) && !entries.size) all.delete(key);
      };
      return Object.assign(off, { [dispose]: off }) as unknown as Off;
    },
    emit(keys, isOver, args) {
      let heard = false;
      for (const key of keys) {
        const entries = all.get(key);
        for (const entry of [...(entries ?? [])]) {
          if (isOver() || !entries?.has(entry)) continue;
          heard = true;
          try {
            entry.handler(...(args as never[]));
          } catch (error) {
            threw(error);
          }
        }
      }
      return heard;
    },
  };
}

// -------------------------------------------------------------------------------------------------
// Options: what the user may set, and every default, each with its unit and its meaning.

/** ms for token, URL, upgrade, `:connect` and its reply together. Then: lost, and back off. */
const CONNECT_TIMEOUT = 10_000;
/** ms until a call that has no answer ends with `timeout`. */
const CALL_TIMEOUT = 10_000;
/** Messages that wait for the connection at most. Then: "dropped", or `queue-full`. */
const QUEUE_MESSAGES = 1_000;
/** Bytes that wait for the connection at most. Then: as above. */
const QUEUE_BYTES = 1_048_576;
/** Bytes that the WebSocket itself may hold back. Above: new messages wait in our queue. */
const BUFFERED_BYTES = 1_048_576;
/** ms between two looks at a WebSocket that holds back too much. */
const BUFFERED_POLL = 50;
/** ms; the first delay is anywhere below it, and doubles with each attempt. The server may name another. */
const SPREAD = 2_000;
/** ms that no delay exceeds. */
const MAX_DELAY = 20_000;
/** ms that a connection must have lasted for the next delay to be a first one again. */
const STABLE_AFTER = 5_000;
/** ms to wait at least after the server closed for too many messages (4429). */
const RATE_LIMIT_DELAY = 3_000;
/** ms of silence after which the server sends something. The server may name another. */
const PING = 25_000;
/** ms beyond `PING` after which the connection is taken for dead. The server may name another. */
const PING_TIMEOUT = 10_000;
/** ms for a sign of life after the page woke up. */
const WAKE_TIMEOUT = 2_500;
/** ms before the token runs out at which a new one is asked for. */
const REFRESH_AHEAD = 30_000;
/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;

/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER: number = 2 ** 31 - 1;

/** A timer that takes any number of ms. */
function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(ms, MAX_TIMER));
}

/** What the client needs of a WebSocket: the one of browsers and the one of the package `ws` have it. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;

/** Which part of the client an error comes from: the first argument of `onError`. */
export type ErrorSource =
  /** The connection was lost or refused. `state` says the same. */
  | "connection"
  /** The server refused a message that was sent without waiting for its reply. */
  | "server"
  /** The server sent something that is not of the protocol. */
  | "message"
  /** A channel was lost: the server took this connection out, or did not let it in again. */
  | "channel"
  /** Messages that waited in the queue were given up. */
  | "queue"
  /** One of your functions threw. */
  | "handler";

/** What a socket is made of. `onGap` is required where the protocol keeps history. */
export type Options<P extends ProtocolShape<P>> = AllOptions<P> & GapOption<P>;

/**
 * Called when events of a channel may be missing, before the next one comes. Required where the
 * protocol keeps history, since the program must say what it does then; `room.onGap` is told too.
 * Default: a `gap` that nobody listens to is reported to `onError`.
 */
type GapOption<P> = P extends { history: true }
  ? { onGap: (gap: Gap) => void }
  : { onGap?: (gap: Gap) => void };

interface AllOptions<P extends ProtocolShape<P>> {
  /**
   * Where the server is: absolute, or relative to the page. `http` and `https` are read as `ws` and
   * `wss`. A function is asked at every attempt, and may take its time.
   */
  url: string | URL | (() => string | URL | Promise<string | URL>);
  /**
   * The token for the first message, asked for at every attempt. `expired`: the server refused the
   * last one, or it is about to run out. `null` stops the client: the state is `closed`, the cause
   * `unauthorized`. Default: none, for servers that go by a cookie.
   */
  token?: (ask: { readonly expired: boolean }) => string | null | Promise<string | null>;
  /** Writes every frame to the console. Default `false`. */
  debug?: boolean;
  /** Called after every welcome of the server, when everything that waited is on its way. */
  onOpen?: () => void;
  /** Called with every event of the protocol, after the handlers given to `on`. */
  onMessage?: (message: Message<P>) => void;
  /** Called with an event that the protocol does not list. Default: reported to `onError`. */
  onUnknown?: (message: UnknownMessage) => void;
  /**
   * Called with everything that goes wrong and that nobody waits for. Default: `console.error`, a
   * lost connection apart, which the state shows.
   */
  onError?: (source: ErrorSource, message: string, error: SocketError) => void;
  /** Connect at once. Default `true`; with `false`, `connect()` starts it. */
  connect?: boolean;
  /** ms until a call without an answer ends with `timeout`. Default 10,000. */
  callTimeout?: number;
  /** ms for one attempt to connect, token and URL included. Default 10,000. */
  connectTimeout?: number;
  /** Messages that wait for the connection at most; further ones are refused. Default 1,000. */
  queueMessages?: number;
  /** Bytes that wait for the connection at most; further ones are refused. Default 1 MiB. */
  queueBytes?: number;
  /** The WebSocket to use. Default: the global one, which Node has from version 22 on. */
  WebSocket?: WebSocketClass;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: () => number;
  /** A number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** The absolute WebSocket address of what `url` gives. Throws where it gives none. */
function addressOf(url: string | URL): string {
  // Not every place has a location: a server renders without one, and takes absolute addresses only.
  const address = new URL(url, (globalThis as { location?: { href: string } }).location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

/** What the option `onError` is where none is given. */
function shout(source: ErrorSource, message: string, error: SocketError): void {
  // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
  if (source !== "connection") console.error(`socket: ${source}: ${message}`, error);
}

// -------------------------------------------------------------------------------------------------
// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
function delayOf(random: () => number, spread: number, attempt: number): number {
  return random() * Math.min(MAX_DELAY, spread * 2 ** attempt);
}

/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
function endOf(closeCode = 0): "upgrade-required" | "refused" | undefined {
  if (closeCode === 4526) return "upgrade-required";
  return closeCode >= 4500 ? "refused" : undefined;
}

// -------------------------------------------------------------------------------------------------
// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: EventTarget["addEventListener"];
  readonly visibilityState?: string;
  readonly document?: Place;
}

const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];

/** Calls `wake` at each of them, until aborted. A page that goes away is not one that wakes up. */
function onWake(wake: () => void): AbortController {
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

// -------------------------------------------------------------------------------------------------
// Lifecycle: when there is a connection, when the next one, and when none any more. Each is one
// WebSocket; once it is given up nothing of it is heard, whatever it still does.

interface Lifecycle {
  readonly connect: () => void;
  /** Stays away until `connect()`. */
  readonly close: (kind: Cause["kind"], message: string) => void;

  readonly send: (text: string) => void;
  /** The answer to `:connect`. */
  readonly welcome: (welcome: unknown) => void;
  /** The other answer to `:connect`. The close that follows is not waited for. */
  readonly refused: (error: SocketError) => void;
  /** The server goes away, and names the window in which to be elsewhere, in ms from now. */
  readonly drain: (after: unknown) => void;
  /** Asks for a new token and hands it in, on the connection that is open. */
  readonly refresh: () => Promise<void>;
}

type Timer = ReturnType<typeof setTimeout>;

/**
 * `hello` gives the first frame. `changed` is told each state first, before anybody else, and with
 * `open` the WebSocket and what the server said.
 */
function createLifecycle(
  options: Options<AnyProtocol>,
  now: () => number,
  hello: (token: unknown, session: unknown) => string,
  frame: (data: unknown, isOver: () => boolean) => void,
  changed: (state: State, socket?: WebSocketLike, welcome?: unknown) => void,
  report: (source: ErrorSource, message: string) => void,
  handIn: (token: string, end: End) => void,
): Lifecycle {
  const { url, token: provider, connectTimeout = CONNECT_TIMEOUT, random = Math.random } = options;
  let state: State = { status: "idle" };
  let ws: WebSocketLike | undefined;
  /** When it is given up, by the wall clock: a page that slept finds it passed. */
  let deadline = 0;
  /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
  let silence = 0;
  let watchdog: Timer | undefined;
  /** The next attempt, or the move to another server that `:drain` asked for. */
  let retry: Timer | undefined;
  let renewal: Timer | undefined;
  /** Listens to the page for its wake-up. */
  let wakes: AbortController | undefined;
  let attempt = 0;
  let refusals = 0;
  let openedAt = 0;
  /** When `:drain` wants us elsewhere; 0 for not at all. */
  let drainAt = 0;
  let spread = SPREAD;
  /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
  let session: unknown;

  const change = (next: State, welcome?: unknown) => {
    state = Object.freeze(next);
    changed(state, ws, welcome);
  };

  const send = (text: string) => {
    trace("->", text);
    ws?.send(text);
  };

  const trace = (arrow: string, data: unknown) => {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (options.debug) console.debug(arrow, data);
  };

  /** Gives the connection up. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
  const hangUp = (closeCode?: number) => {
    for (const timer of [watchdog, retry, renewal]) clearTimeout(timer);
    if (!ws) return;
    // `error` keeps its handler: some implementations throw an error that nobody listens to.
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close(closeCode);
    ws = undefined;
  };

  const close = (kind: Cause["kind"], message: string, closeCode?: number, upgrade?: Upgrade) => {
    if (state.status === "closed") return;
    session = undefined;
    wakes?.abort();
    wakes = undefined;
    hangUp(1000);
    change({ status: "closed", cause: { kind, message, closeCode, upgrade } });
  };

  /** The connection is lost: comes back after a while, if coming back can help. */
  const lost = (message: string, closeCode?: number, wait?: number) => {
    if (closeCode === 4401) refusals++;
    const end = refusals > 1 ? "unauthorized" : endOf(closeCode);
    if (end) return close(end, message, closeCode);
    if (state.status === "open" && now() - openedAt >= STABLE_AFTER) attempt = 0;
    let delay = delayOf(random, spread, attempt++);
    if (closeCode === 4429) delay = Math.max(delay, RATE_LIMIT_DELAY);
    if (drainAt) delay = Math.max(0, drainAt - now());
    delay = wait ?? delay;
    hangUp();
    retry = later(start, delay);
    change({
      status: "waiting",
      attempt,
      retryAt: now() + delay,
      cause: { kind: "lost", message, closeCode },
    });
  };

  /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
  const watch = () => {
    clearTimeout(watchdog);
    // A clock that was set back must not make a dead connection live longer.
    deadline = Math.min(deadline, now() + (silence || connectTimeout));
    const left = deadline - now();
    if (left > 0) watchdog = later(watch, left);
    // Nobody sent it away, so it need not wait.
    else if (silence) lost("no sign of life", undefined, 0);
    else lost("connecting timed out");
  };

  const start = async () => {
    const mine: State = { status: "connecting", attempt };
    hangUp();
    wakes ??= onWake(wake);
    drainAt = silence = 0;
    deadline = now() + connectTimeout;
    watch();
    change(mine);
    try {
      const [address, token] = await Promise.all([
        typeof url === "function" ? url() : url,
        provider?.({ expired: refusals > 0 }),
      ]);
      if (state === mine) dial(address, token);
    } catch (error) {
      // A provider that rejects is a break like any other.
      if (state === mine) lost(`no url or token: ${error}`);
    }
  };

  const dial = (address: string | URL, token: string | null | undefined) => {
    if (provider && token == null) return close("unauthorized", "no token");
    let socket: WebSocketLike;
    try {
      const Class = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
      socket = new (Class as WebSocketClass)(addressOf(address), SUBPROTOCOL);
    } catch (error) {
      return close("unusable", `no usable url or WebSocket: ${error}`);
    }
    ws = socket;
    ws.onopen = () => send(hello(token, session));
    ws.onmessage = ({ data }: { data: unknown }) => {
      trace("<-", data);
      if (silence) deadline = now() + silence;
      frame(data, () => ws !== socket);
    };
    ws.onclose = ({ code, reason }: { code: number; reason: string }) =>
      lost(reason || `closed with ${code}`, code);
    // Never fatal by itself: a close follows, and tells more.
    ws.onerror = () => {};
  };

  /** The page woke up. What the user closed stays closed. */
  const wake = () => {
    if (state.status === "waiting") {
      // The network may be back. A server that closed by itself had its reason: its delay holds.
      const { closeCode = 1006 } = state.cause;
      if (closeCode === 1006 || state.retryAt <= now()) start();
      return;
    }
    watch();
    const soon = now() + WAKE_TIMEOUT;
    // Before the welcome there is one deadline. Several events tell of one awakening, and one
    // question is enough.
    if (!silence || deadline <= soon) return;
    send(encode(":ping"));
    deadline = soon;
    watch();
  };

  const refresh = async () => {
    const mine = state;
    try {
      const token = await provider?.({ expired: true });
      if (!provider || state !== mine) return;
      if (token == null) return close("unauthorized", "no token");
      handIn(token, (answer) => {
        if (state !== mine) return;
        if (answer instanceof SocketError) report("connection", answer.message);
        else renewBefore(fieldsOf(answer)["expires"]);
      });
    } catch (error) {
      // The old token may still be good. Once it is not, the server closes with 4401.
      if (state === mine) report("connection", `no new token: ${error}`);
    }
  };

  const renewBefore = (expires: unknown) => {
    clearTimeout(renewal);
    if (typeof expires !== "number" || !provider) return;
    // A short-lived token is renewed at half its life.
    renewal = later(refresh, Math.max(expires - REFRESH_AHEAD, expires / 2));
  };

  return {
    connect() {
      const { status } = state;
      if (status === "connecting" || status === "open") return;
      if (status !== "waiting") attempt = refusals = 0;
      start();
    },
    close,
    send,
    welcome(welcome) {
      const { connection, user, ping, timeout, expires, ...more } = fieldsOf(welcome);
      ({ session } = more);
      spread = numberOf(more["spread"], SPREAD);
      refusals = 0;
      openedAt = now();
      silence = numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT);
      deadline = openedAt + silence;
      watch();
      renewBefore(expires);
      const who = typeof user === "object" ? (user as User | null) : null;
      change({ status: "open", id: connection as string, user: who }, welcome);
    },
    refused({ code, message, data }) {
      if (code === "upgrade-required") close(code, message, 4526, data as Upgrade);
      else lost(message, code === "unauthorized" ? 4401 : undefined);
    },
    drain(after) {
      const [min, max] = [after].flat();
      const from = numberOf(min, 0);
      const delay = from + random() * Math.max(0, numberOf(max, spread) - from);
      drainAt = now() + delay;
      clearTimeout(retry);
      retry = later(() => lost("draining"), delay);
    },
    refresh,
  };
}

// -------------------------------------------------------------------------------------------------
// Outbox: all that goes out. What waits, in order and bounded; the pace at which it goes; the calls
// that were sent and not answered, and what becomes of them when the connection breaks.

/** A message on its way out, from the moment it is made. With an `end` it is a call. */
interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** When it is not worth sending any more. */
  readonly staleAt?: number;
  /** Bytes, counted once it has to wait. */
  size?: number;
  /** Told the error, or the reply. */
  readonly end?: End;
  /** When the caller no longer wants the answer. */
  readonly deadline?: number;
  /** A command of the protocol's own: after a break `:connect` says what still holds of it. */
  readonly own?: boolean;
  /** Running it twice does no harm. */
  readonly idempotent?: boolean;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
  /** 0 until it is sent. */
  id?: number;
  /** The caller no longer waits, while the server may still answer. */
  abandoned?: boolean;
  /** Sent twice: the first run may answer too. */
  repeated?: boolean;
}

interface Outbox {
  /** Sends it, or has it wait. `volatile`: or drops it. */
  readonly put: (message: Outgoing, volatile?: boolean) => SendResult;
  /** The caller no longer waits: it leaves the queue, and an answer that still comes is no surprise. */
  readonly abandon: (call: Outgoing) => void;
  /** Takes the answer, or one item of it, to the call that waits. `false`: there is none. */
  readonly answer: (re: unknown, outcome: unknown, item: unknown) => boolean;
  /** The server let us in: the calls that go on are sent again, and then all that waits. */
  readonly open: (socket: WebSocketLike, resumed: boolean, limits: unknown) => void;
  /** There is no connection: everything waits. */
  readonly hold: () => void;
  /** There will be none. Ends all calls, and gives the number of other messages that waited. */
  readonly fail: () => number;
}

/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;

function createOutbox(
  { queueMessages = QUEUE_MESSAGES, queueBytes = QUEUE_BYTES }: Options<AnyProtocol>,
  now: () => number,
  write: (text: string) => void,
): Outbox {
  let queue: Outgoing[] = [];
  /** By id, in the order in which they were first sent. */
  const sent = new Map<unknown, Outgoing>();
  let lastId = CONNECT_ID;
  let socket: WebSocketLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Messages per second, and at once: what the server allows, and what is left of it. */
  let rate = 0;
  let burst = 0;
  let tokens = 0;
  let refilledAt = 0;

  const isFresh = ({ staleAt }: Outgoing) => !staleAt || staleAt > now();

  /** ms until the next message may go out. */
  const delay = (socket: WebSocketLike) => {
    const passed = Math.max(0, now() - refilledAt);
    refilledAt += passed;
    tokens = Math.min(burst, tokens + (passed * rate) / 1000);
    if (socket.bufferedAmount > BUFFERED_BYTES) return BUFFERED_POLL;
    return tokens < 1 ? Math.ceil(((1 - tokens) * 1000) / rate) : 0;
  };

  const flush = () => {
    clearTimeout(timer);
    while (socket && queue[0]) {
      const wait = delay(socket);
      if (wait) {
        timer = later(flush, wait);
        return;
      }
      const message = queue[0];
      queue.shift();
      if (!isFresh(message)) continue;
      tokens--;
      const { text, end, deadline } = message;
      if (!end) {
        write(text);
        continue;
      }
      message.id ||= ++lastId;
      sent.set(message.id, message);
      const timeout = deadline && Math.max(1, Math.ceil(deadline - now()));
      write(withFields(text, { id: message.id, timeout }));
    }
  };

  const unqueue = (call: Outgoing) => {
    queue = queue.filter((other) => other !== call);
  };

  return {
    put(message, volatile) {
      const isFree = socket && !queue[0] && !delay(socket);
      let rest = queue;
      if (!isFree) {
        const { text, key, end } = message;
        rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
        message.size = byteLength(text);
        const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
        if (volatile || rest.length >= queueMessages || bytes > queueBytes) {
          end?.(new SocketError("queue-full"));
          return "dropped";
        }
      }
      // What the welcome did not answer is asked before what may depend on it goes out.
      queue = message.own && !socket ? [message, ...rest] : [...rest, message];
      flush();
      return isFree ? "sent" : "queued";
    },
    abandon(call) {
      unqueue(call);
      call.abandoned = true;
    },
    answer(re, outcome, item) {
      const call = sent.get(re);
      if (item !== undefined) call?.item?.(item);
      else if (call) {
        call.abandoned = true;
        if (!call.repeated) sent.delete(re);
        unqueue(call);
        call.end?.(outcome);
      }
      return !!call;
    },
    open(next, resumed, limits) {
      const again = [...sent.values()].filter(({ own, item, idempotent, abandoned, end }) => {
        const goesOn = !item && (idempotent || (resumed && !own));
        if (!goesOn) end?.(lostCall(true));
        return goesOn && !abandoned;
      });
      queue = [...again, ...queue.filter(({ id }) => !id)];
      if (!resumed) sent.clear();
      for (const call of again) {
        call.repeated = resumed;
        if (!resumed) call.id = 0;
      }
      socket = next;
      const pace = fieldsOf(limits);
      rate = numberOf(pace["rate"], UNLIMITED) || UNLIMITED;
      burst = numberOf(pace["burst"], UNLIMITED) || UNLIMITED;
      // A session that goes on keeps what it has used.
      if (!resumed) tokens = burst;
      flush();
    },
    hold() {
      socket = undefined;
      queue = queue.filter(({ own }) => !own);
    },
    fail() {
      const others = queue.filter((message) => isFresh(message) && !message.end);
      for (const { id, end } of [...sent.values(), ...queue]) end?.(lostCall(!!id));
      sent.clear();
      queue = [];
      return others.length;
    },
  };
}

// -------------------------------------------------------------------------------------------------
// Client: joins the parts. It knows names and no types; state comes first and callbacks last, because
// a handler may do anything, disconnecting included.

type AnyCommand = { cmd: string; channel?: string; param?: unknown };
type AnyEvent = EventMessage<string, unknown>;
type AnyHandler = (param: unknown, message: AnyEvent) => void;

/** What streams ask of a call beside what programs may. */
interface AnyCallOptions extends CallOptions {
  readonly item?: (item: unknown) => void;
}

/** A socket, of which nothing but the names is known. */
interface Client {
  readonly state: State;
  readonly subscribe: (listener: (state: State) => void) => Off;
  readonly connect: () => void;
  readonly disconnect: () => void;
  readonly send: (command: AnyCommand, options?: SendOptions) => SendResult;
  readonly call: (command: AnyCommand, options?: AnyCallOptions) => Promise<unknown>;
  readonly tryCall: (
    command: AnyCommand,
    options?: CallOptions,
  ) => Promise<Result<unknown, SocketError>>;
  readonly on: (event: string, handler: AnyHandler) => Off;
  readonly channel: (name: string) => Room;
}

/** One holder of one channel, what `socket.channel` gives. */
interface Room {
  readonly name: string;
  readonly join: () => Promise<JoinResult>;
  readonly leave: () => void;
  readonly on: (event: string, handler: AnyHandler) => Off;
  readonly onClosed: (handler: (error: SocketError) => void) => Off;
  readonly onGap: (handler: (gap: Gap) => void) => Off;
  readonly send: (cmd: string, param?: unknown, options?: SendOptions) => SendResult;
  readonly call: (cmd: string, param?: unknown, options?: CallOptions) => Promise<unknown>;
  readonly tryCall: (
    cmd: string,
    param?: unknown,
    options?: CallOptions,
  ) => Promise<Result<unknown, SocketError>>;
}

/** What the protocol itself tells programs, beside the events of each definition. */
const BUILTIN = ["online-update", "presence-update"];

/** Bytes that the id and the timeout add to a command. */
const STAMP = 50;

function createClient(
  { name, fingerprint, events, idempotent, keeps = [], codec }: Descriptor,
  options: Options<AnyProtocol>,
): Client {
  const { now = Date.now, callTimeout = CALL_TIMEOUT, onError = shout } = options;
  const known = new Set(events);
  let state: State = { status: "idle" };
  /** Bytes of the largest message that the server takes. */
  let maxMessage = Infinity;

  const report = (source: ErrorSource, message: string, cause?: unknown) => {
    const code = source === "connection" ? "disconnected" : source;
    const error = cause instanceof SocketError ? cause : new SocketError(code, message, { cause });
    try {
      onError(source, message, error);
    } catch (thrown) {
      // Nobody is left to tell but the host, which shows what is thrown outside of everything.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  };

  const { on, emit } = createEmitter((error) => report("handler", String(error), error));

  /** Tells the handlers, until one of them ends what it was about. `false`: nobody listens. */
  const tell = (keys: string[], ...args: unknown[]) => {
    const then = state;
    return emit(keys, () => then !== state, args);
  };

  const is = (status: State["status"]) => state.status === status;
  const isOpen = () => is("open");

  /** A command of the protocol's own. */
  const ask = (cmd: string, channel: string | undefined, param: unknown, end: End) => {
    outbox.put({ text: encode(cmd, channel, param), own: true, end });
  };

  const channels = createChannels(
    keeps,
    isOpen,
    ask,
    (channel, error, awaited) => {
      if (tell([`:closed ${channel}`], error) || awaited) return;
      report("channel", `${channel}: ${error.message}`, error);
    },
    (gap) => {
      const { channel, reason } = gap;
      if (tell([`:gap ${channel}`, ":gap"], gap) || reason !== "gap") return;
      report("channel", `${channel}: events were lost`);
    },
  );

  const hello = (token: unknown, session: unknown) => {
    const protocol = { name, fingerprint };
    const param = { token, session, protocol, channels: channels.request() };
    return withFields(encode(":connect", undefined, param), { id: CONNECT_ID });
  };

  const changed = (next: State, ws?: WebSocketLike, welcome?: unknown) => {
    state = next;
    const { limits, resumed, channels: joins } = fieldsOf(welcome);
    const answer = fieldsOf(joins);
    const { status, cause } = next as { status: string; cause?: Cause };
    if (ws && status === "open") {
      maxMessage = numberOf(fieldsOf(limits)["message"], Infinity);
      channels.reconcile(answer);
      outbox.open(ws, resumed === true, limits);
      tell([":state", ":open"], next);
      if (state === next) channels.welcome(answer);
      return;
    }
    channels.broken();
    outbox.hold();
    if (status === "closed") {
      const unsent = outbox.fail();
      channels.fail();
      if (unsent) report("queue", `${unsent} messages were not sent`);
    }
    if (cause && cause.kind !== "user") report("connection", cause.message);
    tell([":state"], next);
  };

  /** A value as the program sees it, or an error where it is none of its type's. */
  const revive = (what: Revived, cmd: string, value: unknown) => {
    try {
      return codec ? codec.revive(what, cmd, value) : value;
    } catch (cause) {
      return new SocketError("message", `${what} ${cmd}: ${cause}`, { cause });
    }
  };

  /** `isOver`: the connection that it came from is given up. */
  const frame = (data: unknown, isOver: () => boolean) => {
    let messages: unknown[] = [];
    try {
      messages = [JSON.parse(data as string)].flat();
    } catch {}
    if (!messages.length) report("message", `no message: ${String(data).slice(0, 80)}`);
    for (const message of messages) {
      if (isOver()) return;
      const { re, error, item, cmd, channel = "", param = {} } = fieldsOf(message);
      const outcome = error ? errorOf(error) : param;
      const isWelcome = typeof fieldsOf(param)["connection"] === "string";
      if (re === CONNECT_ID && is("connecting") && (error || isWelcome)) {
        if (outcome instanceof SocketError) life.refused(outcome);
        else life.welcome(param);
      } else if (typeof cmd === "string" && typeof channel === "string") {
        event(channel, { ...(message as AnyEvent), param });
      } else if (!outbox.answer(re, outcome, item)) {
        report("message", `not asked for: ${JSON.stringify(message).slice(0, 80)}`);
      }
    }
  };

  const event = (channel: string, message: AnyEvent) => {
    const { cmd, param } = message;
    const { reason, after } = fieldsOf(param);
    if (cmd === ":ping") life.send(encode(":pong"));
    else if (cmd === ":error") report("server", errorOf(param).message, errorOf(param));
    else if (cmd === ":refresh") void life.refresh();
    else if (cmd === ":joined") channels.joined(channel, param);
    else if (cmd === ":closed") channels.closed(channel, errorOf(reason));
    else if (cmd === ":gap") channels.gap(channel, param);
    else if (cmd === ":drain") life.drain(after);
    else if (cmd === "close-connection") life.close("asked", "the server asked for it");
    else if (cmd !== ":pong") publish(channel, message);
  };

  const publish = (channel: string, message: AnyEvent) => {
    const { cmd } = message;
    const param = revive("event", cmd, message.param);
    if (param instanceof SocketError) return report("message", param.message, param);
    const isKnown = known.has(cmd);
    const then = state;
    if (!channels.isNews(channel, message) || then !== state) return;
    const keys =
      isKnown || BUILTIN.includes(cmd)
        ? [cmd, `${cmd} ${channel}`, isKnown ? ":message" : ""]
        : [":unknown"];
    if (!tell(keys, param, { ...message, param }) && keys[0] !== cmd)
      report("message", `unknown event: ${cmd}`);
  };

  /** A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting. */
  const isTooLarge = (text: string, more = 0) =>
    text.length * 3 + more > maxMessage && byteLength(text) + more > maxMessage;

  const send: Client["send"] = ({ cmd, channel, param }, { key, ttl, volatile } = {}) => {
    const text = encode(cmd, channel, param, codec);
    if (is("closed") || isTooLarge(text)) return "dropped";
    return outbox.put(
      {
        text,
        key: key && JSON.stringify([cmd, channel, key]),
        staleAt: now() + (ttl ?? Infinity),
      },
      volatile,
    );
  };

  const call: Client["call"] = (
    { cmd, channel, param },
    { timeout = callTimeout, signal, item } = {},
  ) =>
    promiseOf((settle) => {
      const text = encode(cmd, channel, param, codec);
      const message: Outgoing = {
        text,
        item: item && ((one) => item(revive("item", cmd, one))),
        deadline: now() + Math.min(timeout, MAX_TIMER),
        // The protocol's own that programs may call only ask.
        idempotent: cmd[0] === ":" || idempotent.includes(cmd),
        end(outcome) {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          outbox.abandon(message);
          settle(revive(outcome instanceof SocketError ? "error" : "reply", cmd, outcome));
        },
      };
      const end = (code: string, more?: object) => message.end?.(new SocketError(code, code, more));
      const abort = () => {
        // The server counts a time-out itself; an abort is news to it.
        if (message.id && isOpen()) life.send(encode(":cancel", undefined, { id: message.id }));
        end("aborted", { cause: signal?.reason });
      };
      const timer = later(() => end("timeout"), timeout);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else if (is("closed")) end("disconnected");
      else if (isTooLarge(text, STAMP)) end("too-large", { data: { limit: maxMessage } });
      else outbox.put(message);
    });

  const tryCall: Client["tryCall"] = (message, options) =>
    call(message, options).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => {
        if (error instanceof SocketError) return { ok: false, error };
        throw error;
      },
    );

  const channel = (name: string): Room => {
    const room: Room = {
      name,
      join: () => channels.join(name, room),
      leave: () => channels.leave(name, room),
      // No channel's name holds a space, so the key is its own.
      on: (event, handler) => on(`${event} ${name}`, handler),
      onClosed: (handler) => on(`:closed ${name}`, handler),
      onGap: (handler) => on(`:gap ${name}`, handler),
      send: (cmd, param, options) => send({ cmd, channel: name, param }, options),
      call: (cmd, param, options) => call({ cmd, channel: name, param }, options),
      tryCall: (cmd, param, options) => tryCall({ cmd, channel: name, param }, options),
    };
    return room;
  };

  const life = createLifecycle(options, now, hello, frame, changed, report, (token, end) =>
    ask(":refresh", undefined, { token }, end),
  );
  const outbox = createOutbox(options, now, life.send);
  const { onOpen, onGap, onMessage, onUnknown } = options;
  if (onOpen) on(":open", onOpen);
  if (onGap) on(":gap", onGap);
  if (onMessage) on(":message", (_, message) => onMessage(message as never));
  if (onUnknown) on(":unknown", (_, message) => onUnknown(message as never));
  if (options.connect !== false) life.connect();
  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      const off = on(":state", listener);
      // At once, as the stores of Svelte do: who listens need not read `state` first.
      listener(state);
      return off;
    },
    connect: life.connect,
    disconnect: () => life.close("user", "disconnect()"),
    send,
    call,
    tryCall,
    on,
    channel,
  };
}

// -------------------------------------------------------------------------------------------------
// Socket: what users hold. Its implementation is `Client`, which knows names but no types; `define`
// puts the two together for one protocol.

/** A connection that comes back by itself, typed by the protocol `P`. */
export interface Socket<P extends ProtocolShape<P>> {
  /** What it is doing now. A new value for every change; never changed in place. */
  readonly state: State;
  /** Tells of the present state at once, and of every new one until taken back. */
  subscribe(listener: (state: State) => void): Off;
  /** Connects now: from `idle` and `closed`, and without the rest of the delay from `waiting`. */
  connect(): void;
  /** Closes and stays closed. What waits in the queue is given up, and calls end. */
  disconnect(): void;
  /**
   * Sends a command and waits for nothing. If the server refuses it, `onError` hears of it.
   * Without a connection it waits in the queue.
   */
  send<K extends keyof P["commands"]>(message: Command<P, K>, options?: SendOptions): SendResult;
  /**
   * Sends a command and gives its reply. Rejects with a `SocketError`: the command's own errors, the
   * protocol's, and `timeout`, `aborted`, `queue-full`, `disconnected`.
   */
  call<K extends keyof P["commands"]>(
    message: Command<P, K>,
    options?: CallOptions,
  ): Promise<P["commands"][K]["reply"]>;
  /** Like `call`, with the error as a typed value. */
  tryCall<K extends keyof P["commands"]>(
    message: Command<P, K>,
    options?: CallOptions,
  ): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
  /** Calls the handler for every event of that name, from any channel, until taken back. */
  on<K extends keyof EventsOf<P>>(event: K, handler: Handler<K, EventsOf<P>[K]>): Off;
  /** One channel by its name, with what the definition allows there. It is not joined yet. */
  channel<Name extends ChannelName<P>>(name: Name): Channel<P, PatternOf<P, Name>>;
}

/** One channel of a socket. Several of the same name are counted: the last `leave` leaves. */
export interface Channel<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]> {
  readonly name: P["channels"][Pattern]["name"];
  /**
   * Enters, now or as soon as there is a connection, and again after every break until `leave`.
   * Rejects if the server refuses, or if `leave` or `disconnect` came first.
   */
  join(): Promise<JoinResult>;
  /** Takes the wish back. At the end of the task, so that joining again at once costs nothing. */
  leave(): void;
  on<K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents>(
    event: K,
    handler: Handler<K, EventsOf<P>[K]>,
  ): Off;
  /** Told when the server took this connection out, or did not let it in again after a break. */
  onClosed(handler: (error: SocketError) => void): Off;
  /** Told when events of this channel may be missing, before the next one comes. */
  onGap(handler: (gap: Gap) => void): Off;
  send<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], SendOptions>
  ): SendResult;
  call<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], CallOptions>
  ): Promise<P["commands"][K]["reply"]>;
  tryCall<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], CallOptions>
  ): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
}

/** The class of sockets of one protocol. */
export interface SocketClass<P extends ProtocolShape<P>> {
  new (options: Options<P>): Socket<P>;
  /** The positional form: `debug`, `onOpen`, `onMessage`, `onError` and `url` of the options. */
  new (
    debug: boolean,
    onOpen: () => void,
    onMessage: (message: Message<P>) => void,
    onError: (source: ErrorSource, message: string, error: SocketError) => void,
    url: string,
  ): Socket<P>;
}

// -------------------------------------------------------------------------------------------------
// Define: the one way from an emitted file into this one.

/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define<P extends ProtocolShape<P>>(descriptor: Descriptor): SocketClass<P> {
  class Socket {
    constructor(
      debug: boolean | Options<AnyProtocol>,
      onOpen: () => void,
      onMessage: (message: Message<AnyProtocol>) => void,
      onError: (source: ErrorSource, message: string, error: SocketError) => void,
      url: string,
    ) {
      const options =
        typeof debug === "object" ? debug : { debug, onOpen, onMessage, onError, url };
      // With its getter, and so that methods may be taken off it.
      const client = createClient(descriptor, options);
      Object.defineProperties(this, Object.getOwnPropertyDescriptors(client));
    }
  }
  // The client knows no types: from here on the protocol's own stand for it.
  return Socket as unknown as SocketClass<P>;
}

// -------------------------------------------------------------------------------------------------
// History: what a channel keeps, and who is in it. Free functions, so that who does not import them
// pays nothing for them.

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
type KeptBy<P extends ProtocolShape<P>> = {
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

// -------------------------------------------------------------------------------------------------
// Unread: what waits to be read by a `for await`, bounded. Paid for by those who import an iterator.

/** What fills an iterator. */
interface Unread<Item> {
  /** One more. Over the bound it ends with `too-many`, after all that was still in order. */
  readonly push: (item: Item) => void;
  /** No more comes: because of an error, or because this is the end and its value. */
  readonly end: (error?: SocketError, value?: unknown) => void;
  readonly iterator: AsyncIterableIterator<Item>;
}

/** `stop` is called once, when nothing is wanted any more: at the end, or when the loop is left. */
function createUnread<Item>(stop: () => void, max: number = UNREAD): Unread<Item> {
  const items: Item[] = [];
  const waiting: (() => void)[] = [];
  let error: SocketError | undefined;
  let last: unknown;
  let ended = false;
  const end = (why?: SocketError, value?: unknown) => {
    if (ended) return;
    ended = true;
    error = why;
    last = value;
    stop();
    wake();
  };
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  return {
    push(item) {
      if (ended) return;
      if (items.length >= max)
        end(new SocketError("too-many", undefined, { data: { limit: max } }));
      else items.push(item);
      wake();
    },
    end,
    iterator: {
      async next() {
        while (items.length === 0 && !ended) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        if (items.length > 0) return { done: false, value: items.shift() as Item };
        // Told once.
        const failed = error;
        const value = last;
        error = last = undefined;
        if (failed) throw failed;
        return { done: true, value };
      },
      return() {
        items.length = 0;
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}

// -------------------------------------------------------------------------------------------------
// Messages: the events of a socket as an async iterator. Its own file: who does not import it pays
// nothing for it.

export interface MessagesOptions {
  /** Only what was published to this channel. */
  channel?: string;
  /** Ends the iteration. */
  signal?: AbortSignal;
  /** Messages that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
  max?: number;
}

/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { channel, signal, max }: MessagesOptions = {},
): AsyncIterableIterator<Message<P>> {
  const client = socket as unknown as Client;
  const finish = () => unread.end();
  const offs = [
    client.on(":message", (_, message) => {
      if (channel === undefined || message.channel === channel) {
        unread.push(message as unknown as Message<P>);
      }
    }),
    client.on(":state", (state) => (state as State).status === "closed" && finish()),
    () => signal?.removeEventListener("abort", finish),
  ];
  const unread = createUnread<Message<P>>(() => {
    for (const off of offs) off();
  }, max);
  signal?.addEventListener("abort", finish);
  if (signal?.aborted || client.state.status === "closed") finish();
  return unread.iterator;
}

// -------------------------------------------------------------------------------------------------
// Stream: the reply of a command that streams, as an async iterator. Its own file: who does not import
// it pays nothing for it.

export interface StreamOptions extends CallOptions {
  /** Items that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
  max?: number;
}

/** The commands that answer with a stream. */
export type StreamingOf<P extends ProtocolShape<P>> = {
  [K in keyof P["commands"]]: P["commands"][K] extends { item: unknown } ? K : never;
}[keyof P["commands"]];

/** What one of them streams. */
export type ItemOf<
  P extends ProtocolShape<P>,
  K extends keyof P["commands"],
> = P["commands"][K] extends { item: infer Item } ? Item : never;

/** Its items, and with the last `next` the reply. */
export interface Stream<Item, Reply> extends AsyncIterator<Item, Reply, undefined> {
  [Symbol.asyncIterator](): this;
}

/**
 * Sends a command that streams, and gives its items as they come. Leaving the loop, or `signal`, tells
 * the server to stop. It ends with the server's reply, which `next` gives as its last value; it throws
 * what a call rejects with, `disconnected` where the connection broke in its middle. `timeout` is for
 * the whole of it. Default: 24 days.
 */
export function stream<P extends ProtocolShape<P>, K extends StreamingOf<P>>(
  socket: Socket<P>,
  command: Command<P, K>,
  { signal, max, timeout = Number.POSITIVE_INFINITY }: StreamOptions = {},
): Stream<ItemOf<P, K>, P["commands"][K]["reply"]> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  const unread = createUnread<ItemOf<P, K>>(() => {
    signal?.removeEventListener("abort", abort);
    // After the server's end there is nothing to stop, and this does nothing.
    stop.abort();
  }, max);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  (socket as unknown as Client)
    .call(command as AnyCommand, {
      timeout,
      signal: stop.signal,
      item: (item) => unread.push(item as ItemOf<P, K>),
    })
    .then(
      (reply) => unread.end(undefined, reply),
      (error: SocketError) => unread.end(error),
    );
  return unread.iterator as Stream<ItemOf<P, K>, P["commands"][K]["reply"]>;
}
