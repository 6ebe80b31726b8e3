// Made by socket-codegen 0.1.0.
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Recovery
//   Types
//   Channel
//   State
//   Errors
//   Options
//   Outgoing
//   Wire
//   Core
//   Frames
//   Defaults
//   Untyped
//   Handlers
//   Pace
//   Queue
//   Calls
//   Channels
//   Room
//   Backoff
//   Replies
//   Tokens
//   Wake
//   Silence
//   Incoming
//   Turns
//   Fallbacks
//   Welcome
//   Dial
//   Connection
//   Client
//   Socket
//   Define
//   History
//   Unread
//   Messages
//   Ready
//   Reviving
//   Stream

// -------------------------------------------------------------------------------------------------
// Recovery: how far each channel that keeps history was heard. Protocols that keep none do not import it.

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
  /** Which protocol, and which version of it: sent at connect. */
  readonly id: {
    readonly name: string;
    /** Hash of the wire. */
    readonly fingerprint: string;
  };
  /** All events, so that an unknown one is seen. */
  readonly events: readonly string[];
  /** Commands that may be sent again although the server may have done them. */
  readonly idempotent: readonly string[];
  /** Which of `:user` and `:all` keep history. Channels say so when they are joined. */
  readonly keeps?: readonly string[];
  /** How to go on where a channel was left: `recovery`, where the protocol keeps history. */
  readonly recovery?: Recovery;
  /** For values that JSON has no words for, where the protocol has such: what `JSON.stringify` takes. */
  readonly replacer?: (key: string, value: unknown) => unknown;
  /** What came, as the program sees it. `reviving` makes one. */
  readonly revive?: Revive;
}

/**
 * A message as the program sees it; it may be changed in place. `calls` says by id which command it answers.
 * A message that breaks its type is given as `{ re, error }`: a call ends with that, and of an event it is told;
 * an item as `{ re, item: SocketError }`, which ends its stream.
 */
export type Revive = (
  message: unknown,
  calls: ReadonlyMap<unknown, { readonly cmd?: string }>,
) => unknown;

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

/** Where a channel stands, or stood when its last event was heard. */
export interface Position {
  /** Changes when the history was lost. */
  readonly epoch: unknown;
  readonly at: number;
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
  /** ms until it ends with `timeout`, and the server is told to stop. Default: the option `callTimeout`. */
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
// Channel: what is known of the channels that this client is in, or wishes to be in.

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

/** A channel that this client is in, or wishes to be in. Wishes outlive connections. */
interface Membership {
  /** Those that want it here: none where the server put this connection in. */
  readonly rooms: Set<object>;
  /** On this connection; `null` on an earlier one, so that what is missed from then on is told. */
  result?: JoinResult | null;
  /** The last event that was heard, where it keeps history. */
  since?: Position | undefined;
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
  /** The close code; 0 where there was none, because it was given up here. */
  readonly closeCode?: number | undefined;
  /**
   * With `upgrade-required`, what the server said of itself; absent where only the close code came. Of
   * other refusals the data of their error.
   */
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

  /** The message is the code where none is given. */
  constructor({ code = "internal", message = code, data, sent = false, cause }: ErrorFields) {
    super(message, { cause });
    Object.assign(this, { name: "SocketError", code, data, sent });
  }
}

/** What a `SocketError` is made of, on the wire too: fields that it does not know are left out. */
export interface ErrorFields {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly data?: unknown;
  readonly sent?: boolean | undefined;
  readonly cause?: unknown;
}

/** What the server sent as an error. */
function errorOf(error: unknown): SocketError {
  return new SocketError(Object(error));
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
// Options: what the user may set, each with its unit, its default and its meaning.

/** What the client needs of a WebSocket: the one of browsers and the one of the package `ws` have it. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  /**
   * `true` where whoever awaits one message goes on before the next is handed over, so that the client need not
   * see to it. The server for tests says so. Default: the client sees to it.
   */
  readonly inTurn?: boolean;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;

/** Which part of the client an error comes from: the first argument of `onError`. */
export type ErrorSource =
  /** The connection was lost or refused, as `state` says too; or there was no new token for it. */
  | "connection"
  /** A message given to `send` cannot be written as JSON. It was not sent. */
  | "send"
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
  /** Writes every frame to the console, with tokens, sessions and passwords masked. Default `false`. */
  debug?: boolean;
  /** Called after every welcome of the server, when everything that waited is on its way. */
  onOpen?: () => void;
  /** Called with every event of the protocol, after the handlers given to `on`. */
  onMessage?: (message: Message<P>) => void;
  /** Called with an event that the protocol does not list. Default: reported to `onError`. */
  onUnknown?: (message: UnknownMessage) => void;
  /**
   * Called with everything that goes wrong and that nobody waits for. Default: `console.error`, a lost
   * connection apart, which the state shows.
   */
  onError?: (source: ErrorSource, message: string, error: SocketError) => void;
  /** Connect at once. Default `true`; with `false`, `connect()` starts it. */
  connect?: boolean;
  /** ms until a call without an answer ends with `timeout`. Default 10,000. */
  callTimeout?: number;
  /** ms for one attempt to connect, token and URL included, below 10^9. Default 10,000. */
  connectTimeout?: number;
  /** The WebSocket to use. Default: the global one, which Node has from version 22 on. */
  WebSocket?: WebSocketClass;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: () => number;
  /** A number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

// -------------------------------------------------------------------------------------------------
// Outgoing: a message on its way out, from the moment it is made.

/** With an `end` it is a call. */
interface Outgoing {
  /** The whole JSON text. */
  readonly text: string;
  /**
   * When it is not worth sending any more. Without it this is a command of the protocol's own, good for
   * one connection: after a break `:connect` says what still holds of it.
   */
  readonly until?: number;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** Bytes, which is what waits is bounded by. */
  size?: number;
  /** Of a call, and the same when it is sent again. */
  readonly id?: number | undefined;
  /** Told the error, or the reply. */
  readonly end?: End | undefined;
  /** Of a call of the program: what it asks for. */
  readonly cmd?: string;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
}

/** Messages that wait for the connection at most; further ones are refused. */
const MOST_QUEUED = 1_000;

/** Bytes that wait for the connection at most. Over as much that the WebSocket holds back, it counts as not open. */
const MOST_BYTES: number = 2 ** 20;

// -------------------------------------------------------------------------------------------------
// Wire: what of the protocol has a number or a name, and how numbers from outside are read.

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;

/** What a limit is that nobody set, and in ms what no timer of any engine minds: beyond 24 days they fire at once. */
const UNLIMITED = 1e9;

type Fields = { readonly [name: string]: unknown };

/** A number that somebody else chose, where it is one that can be meant. */
const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === "number" && value >= 0 && value < UNLIMITED ? value : otherwise;

// -------------------------------------------------------------------------------------------------
// Core: what one client is made of and what it knows, each part's own in one place. The functions of all parts
// take it first.

type Timer = ReturnType<typeof setTimeout>;
type Listener = (...args: never[]) => void;

interface Core {
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
const is = ({ state }: Core, status: State["status"]): boolean => state.status === status;

// -------------------------------------------------------------------------------------------------
// Frames: commands as text, and the text on its way.

/** Whether JSON says of this field what the program does. `given`: before any `toJSON`. */
function isExact(value: unknown, given: unknown, isItem: boolean): unknown {
  // `NaN` and the infinities have no remainder. An integer that was rounded may stand for its neighbours.
  if (typeof value === "number") return Number.isSafeInteger(value) || value % 1;
  // An invalid date says `null`. A field may be left out; an item would become `null`.
  if (value == null) return value === given && !(isItem && value !== null);
  // A `Map` or a `Set` would become `{}`, and a function or a symbol would be left out.
  return / (Object|Array|String|Boolean)]/.test(toString.call(value));
}

/**
 * A command as text, `cmd` first. Fields without a value are left out. Throws `invalid-param` for what
 * `JSON.stringify` would change or leave out in silence, and for integers that JavaScript itself has rounded.
 */
function encode(
  { descriptor }: Core,
  cmd: string,
  channel?: string,
  param?: unknown,
  id?: number,
  timeout?: number,
): string {
  return JSON.stringify(
    { cmd, channel, param, id, timeout },
    function (this: Record<string, unknown>, path, said) {
      const value = descriptor.replacer?.(path, said) ?? said;
      // What the server said itself goes back to it as it is.
      if (cmd === ":connect" || isExact(value, this[path], Array.isArray(this))) return value;
      const reason = `JSON cannot hold ${String(value)}`;
      throw new SocketError({
        code: "invalid-param",
        message: `${path}: ${reason}`,
        data: { path, reason },
      });
    },
  );
}

/** What lets whoever reads a console be somebody else: fields of these names, and their texts. */
const SECRETS = /("[^"]*(token|session|password)[^"]*" *: *)"(\\.|[^"\\])*"/gi;

const trace = ({ options }: Core, arrow: string, data: unknown): void => {
  // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
  if (options.debug) console.debug(arrow, `${data}`.replace(SECRETS, '$1"***"'));
};

const write = (core: Core, text: string): void => {
  trace(core, "->", text);
  core.ws?.send(text);
};

// -------------------------------------------------------------------------------------------------
// Defaults: what holds where the program says nothing else, in ms.

/** Of the option `connectTimeout`. */
const CONNECT_TIMEOUT = 10_000;

/** Of the option `callTimeout`. */
const CALL_TIMEOUT = 10_000;

// -------------------------------------------------------------------------------------------------
// Untyped: a socket of which nothing but names is known. What typed functions find behind a `Socket`.

type AnyCommand = { cmd: string; channel?: string; param?: unknown };
type AnyEvent = EventMessage<string, unknown>;
type AnyHandler = (param: unknown, message: AnyEvent) => void;

/** What streams ask of a call beside what programs may. */
interface AnyCallOptions extends CallOptions {
  readonly item?: ((item: unknown) => void) | undefined;
}

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

// -------------------------------------------------------------------------------------------------
// Handlers: who hears what. A handler may do anything, disconnecting included.

/** Calls the listener whenever this key is told, until taken back. */
function on({ listeners }: Core, key: string, listener: Listener): Off {
  const entries = listeners.get(key) ?? new Set();
  // Its own object, so that the same function given twice is two listeners with two ends.
  const entry = [listener] as const;
  listeners.set(key, entries.add(entry));
  const off = () => {
    if (entries.delete(entry) && !entries.size) listeners.delete(key);
  };
  // Where the engine has no such symbol, nobody asks for what stands there instead.
  off[(Symbol as { dispose?: symbol }).dispose as never] = off as never;
  return off as unknown as Off;
}

/** The same for an event: its parameters first, then the whole. */
const onEvent = (core: Core, key: string, handler: AnyHandler): Off =>
  on(core, key, (message: AnyEvent) => handler(message.param, message));

/** Runs the listeners of these keys. `false`: nobody listens. */
function tell(core: Core, keys: readonly string[], ...args: readonly unknown[]): boolean {
  const { listeners, state } = core;
  let heard = false;
  for (const key of keys) {
    for (const entry of [...(listeners.get(key) ?? [])]) {
      // Another listener may have taken this one back, or changed the state.
      if (state !== core.state || !listeners.get(key)?.has(entry)) continue;
      heard = true;
      try {
        entry[0](...(args as never[]));
      } catch (error) {
        report(core, "handler", String(error), error);
      }
    }
  }
  return heard;
}

/** Tells `onError`: asynchronously, so that what that throws surfaces outside of everything. */
async function report(
  { options }: Core,
  source: ErrorSource,
  message: string,
  cause?: unknown,
): Promise<void> {
  // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
  const { onError = console.error } = options;
  onError(
    source,
    message,
    cause instanceof SocketError ? cause : new SocketError({ code: source, message, cause }),
  );
}

// -------------------------------------------------------------------------------------------------
// Pace: how fast messages go out, so that the server refuses none for its rate.

/** ms from one message to the next at the server's rate. */
const interval = ({ limits }: Core): number => 1_000 / numberOf(limits.rate, UNLIMITED);

/** ms until one more message may go: at once, where it is not above 0. */
function wait(core: Core): number {
  const now = core.now();
  // A clock that was set back holds nothing up.
  core.due = Math.min(core.due, now + interval(core));
  return core.due - now;
}

/** One message goes. */
function charge(core: Core): void {
  // What goes out evenly may arrive bunched: a fifth of the burst stays in hand for that.
  const lag = numberOf(core.limits.burst, UNLIMITED) * 0.8 * interval(core);
  core.due = Math.max(core.due, core.now() + interval(core) - lag) + interval(core);
}

// -------------------------------------------------------------------------------------------------
// Queue: messages that wait for the connection, in order and bounded, and then those in flight: sent, and
// not answered yet.

/** Sends what is queued, as far as the connection and its pace allow. */
function flush(core: Core): void {
  clearTimeout(core.flushTimer);
  core.queued = core.queued.filter(({ until = Infinity }) => until >= core.now());
  while (is(core, "open") && core.queued[0]) {
    // What the WebSocket itself holds back is looked at again after a while.
    const ms = (core.ws?.bufferedAmount as number) > MOST_BYTES ? 50 : wait(core);
    if (ms > 0) {
      core.flushTimer = setTimeout(flush, ms, core);
      return;
    }
    const message = core.queued.shift() as Outgoing;
    charge(core);
    if (message.end) core.inFlight.set(message.id, message);
    write(core, message.text);
  }
}

/** Takes a message out and tells its caller. An answer that still comes is expected. */
function finish(core: Core, message: Outgoing, outcome: unknown): void {
  core.inFlight.delete(message.id);
  core.queued = core.queued.filter((other) => other !== message);
  message.end?.(outcome);
}

/** Sends a message, or queues it. `volatile`: sends or drops it. */
function put(core: Core, message: Outgoing, volatile?: boolean): SendResult {
  // Without a key it replaces nothing: no two of these are the same.
  const { text, key = {} } = message;
  const { limits } = core;
  message.size = new TextEncoder().encode(text).length;
  const refuse = (code: string, data?: unknown): SendResult => {
    finish(core, message, new SocketError({ code, data }));
    return "dropped";
  };
  if (is(core, "closed")) return refuse("disconnected");
  if (message.size > (limits.message as number))
    return refuse("too-large", { limit: limits.message });
  core.queued.push(message);
  flush(core);
  // It stands last: it is gone once the queue is empty.
  if (!core.queued[0]) return "sent";
  if (
    volatile ||
    core.queued.length > MOST_QUEUED ||
    core.queued.reduce((sum, other) => sum + (other.size as number), 0) > MOST_BYTES
  )
    return refuse("queue-full");
  core.queued = core.queued.filter((other) => other === message || other.key !== key);
  return "queued";
}

/** No connection comes any more: ends all, and gives the number of messages that nobody waits for. */
function end(core: Core): number {
  const { queued, inFlight } = core;
  for (const message of [...inFlight.values(), ...queued])
    finish(
      core,
      message,
      new SocketError({ code: "disconnected", sent: inFlight.has(message.id) }),
    );
  return queued.filter((message) => !message.end).length;
}

// -------------------------------------------------------------------------------------------------
// Calls: commands on their way to the server, with or without somebody who waits for the reply.

/** Sends a command of the protocol's own. Without an `end` nobody waits for its answer. */
function ask(core: Core, cmd: string, channel?: string, param?: unknown, end?: End): void {
  const id = ++core.lastId;
  put(core, { text: encode(core, cmd, channel, param, id), id, end });
}

function send(
  core: Core,
  { cmd, channel, param }: AnyCommand,
  { key, ttl = Infinity, volatile }: SendOptions = {},
): SendResult {
  try {
    return put(
      core,
      {
        text: encode(core, cmd, channel, param),
        until: core.now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
      },
      volatile,
    );
  } catch (error) {
    report(core, "send", (error as SocketError).message, error);
    return "dropped";
  }
}

function call(
  core: Core,
  { cmd, channel, param }: AnyCommand,
  { timeout = core.options.callTimeout ?? CALL_TIMEOUT, signal, item }: AnyCallOptions = {},
): Promise<unknown> {
  return promiseOf((settle) => {
    const ms = Math.min(timeout, UNLIMITED) | 0;
    const id = ++core.lastId;
    const message: Outgoing = {
      cmd,
      id,
      item,
      text: encode(core, cmd, channel, param, id, ms),
      until: core.now() + ms,
      end(outcome) {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        settle(outcome);
      },
    };
    const end = (code: string, cause?: unknown) => {
      if (core.inFlight.has(id)) put(core, { text: encode(core, ":cancel", undefined, { id }) });
      finish(core, message, new SocketError({ code, cause }));
    };
    const abort = () => end("aborted", signal?.reason);
    const timer = setTimeout(end, ms, "timeout");
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else put(core, message);
  });
}

function tryCall(
  core: Core,
  command: AnyCommand,
  options?: AnyCallOptions,
): Promise<Result<unknown, SocketError>> {
  return call(core, command, options).then(
    (value) => ({ ok: true, value }),
    (error) => ({ ok: false, error }),
  );
}

// -------------------------------------------------------------------------------------------------
// Channels: those that this client is in, or wishes to be in, and what the server says of them.

/** What is known of a channel, from now on. */
function memberOf({ members }: Core, channel: string): Membership {
  const member = members.get(channel) ?? { rooms: new Set() };
  members.set(channel, member);
  return member;
}

/** Tells the program that events may be missing. */
function missed(core: Core, channel: string, reason: Gap["reason"]): void {
  if (!tell(core, [`:gap ${channel}`, ":onGap"], { channel, reason }) && reason === "gap")
    report(core, "channel", `${channel}: ${reason}`);
}

/** The server let this connection in, and says where the channel stands. */
function joined(core: Core, channel: string, said: unknown): void {
  const member = memberOf(core, channel);
  const result: JoinResult = Object(said);
  const { recovery } = result;
  const hasMissed = member.result === null && recovery !== "complete";
  core.descriptor.recovery?.[0](member, result, hasMissed);
  member.result = result;
  tell(core, [`:joined ${channel}`], result);
  if (hasMissed) missed(core, channel, recovery === "gap" ? recovery : "no-history");
}

/** The server took this connection out, or did not let it in. */
function expelled(core: Core, channel: string, error: SocketError): void {
  if (
    core.members.delete(channel) &&
    !tell(core, [`:joined ${channel}`, `:closed ${channel}`], error)
  )
    report(core, "channel", `${channel}: ${error.message}`, error);
}

/** The server lost events of a channel, and says where it stands now. */
function interrupted(core: Core, channel: string, said: unknown): void {
  const member = core.members.get(channel);
  if (!member) return;
  core.descriptor.recovery?.[0](member, said, true);
  missed(core, channel, "gap");
}

/** The connection is gone. `forGood`: no other follows. */
function away(core: Core, forGood: boolean): void {
  for (const [channel, member] of core.members) {
    member.result &&= null;
    if (forGood) tell(core, [`:joined ${channel}`], new SocketError({ code: "disconnected" }));
  }
}

// -------------------------------------------------------------------------------------------------
// Room: one holder of one channel: what `socket.channel` gives.

function createRoom(core: Core, name: string): Room {
  const { members } = core;
  const room: Room = {
    name,
    join: () =>
      promiseOf((end) => {
        const known = members.get(name);
        const member = memberOf(core, name);
        member.rooms.add(room);
        if (member.result) return end(member.result);
        const off = on(core, `:joined ${name}`, (outcome: JoinResult | SocketError) => {
          off();
          end(outcome);
        });
        // Else `:connect` names it, or did.
        if (!known && core.named)
          ask(core, ":join", name, undefined, (outcome) => {
            // It may have been left meanwhile.
            if (!member.rooms.size && members.get(name) !== member) return;
            members.set(name, member);
            // Behind a `:closed` this is the server's last word.
            if (!(outcome instanceof SocketError)) joined(core, name, outcome);
            else if (outcome.code !== "disconnected") expelled(core, name, outcome);
          });
      }),
    leave() {
      members.get(name)?.rooms.delete(room);
      // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
      // a component down and put it up again, and the server need not hear of it.
      setTimeout(() => {
        if (members.get(name)?.rooms.size !== 0) return;
        members.delete(name);
        tell(core, [`:joined ${name}`], new SocketError({ code: "aborted" }));
        if (core.named) ask(core, ":leave", name);
      });
    },
    // No channel's name holds a space, so the key is its own.
    on: (event, handler) => onEvent(core, `${event} ${name}`, handler),
    onClosed: (handler) => on(core, `:closed ${name}`, handler),
    onGap: (handler) => on(core, `:gap ${name}`, handler),
    send: (cmd, param, options) => send(core, { cmd, channel: name, param }, options),
    call: (cmd, param, options) => call(core, { cmd, channel: name, param }, options),
    tryCall: (cmd, param, options) => tryCall(core, { cmd, channel: name, param }, options),
  };
  return room;
}

// -------------------------------------------------------------------------------------------------
// Backoff: whether a client comes back after a connection was lost, and when.

/** ms over which clients spread their first reconnect, where the server names none. */
const SPREAD = 2_000;

/** What a close code means. `refusals`: of the token, in a row. */
const kindOf = (closeCode: number, refusals: number): Cause["kind"] =>
  refusals > 1
    ? "unauthorized"
    : closeCode === 4526
      ? "upgrade-required"
      : closeCode >= 4500
        ? "refused"
        : "lost";

/** ms until the next attempt: anywhere in the server's spread at first, which doubles up to 20 s. */
const delayOf = ({ random, welcome, attempt }: Core, closeCode: number): number =>
  random() * Math.min(2e4, numberOf(welcome["spread"], SPREAD) * 2 ** attempt) +
  // Closed for too many messages.
  (closeCode === 4429 ? 3_000 : 0);

// -------------------------------------------------------------------------------------------------
// Replies: how a reply, an error or an item of a stream finds its caller, and which calls outlive a break.

/** Hands a reply to the call in flight that has its `re` as id. */
function reply(core: Core, message: Record<string, unknown>): void {
  const { re, error, item, param = {} } = message;
  const caller = core.inFlight.get(re);
  if (re !== CONNECT_ID) core.patience = 1;
  if (caller && item !== undefined) caller.item?.(item);
  else if (caller) finish(core, caller, error ? errorOf(error) : param);
  // A call that is over may still be answered.
  else if (!((re as number) > CONNECT_ID && (re as number) <= core.lastId))
    report(core, "message", Object(error).message ?? "unknown message", message);
}

/** On a new connection: ends the calls in flight that may not be sent again, and queues the others first. */
function repeat(core: Core, resumed: boolean): void {
  const { descriptor, inFlight } = core;
  for (const call of inFlight.values()) {
    const { cmd = "", item, until } = call;
    // The protocol's own that programs may call only ask.
    if (item || !(cmd[0] === ":" || descriptor.idempotent.includes(cmd) || (resumed && until)))
      finish(core, call, new SocketError({ code: "disconnected", sent: true }));
  }
  // Some may be queued again since the last time.
  core.queued = [...new Set([...inFlight.values(), ...core.queued])];
  // Else the server goes on counting.
  if (!resumed) core.due = 0;
}

// -------------------------------------------------------------------------------------------------
// Tokens: asked of the program at each attempt, and renewed before they run out.

/** A token for this state, where there is a provider. Without one to be had this is over. */
async function tokenFor(core: Core, mine: State, expired: boolean): Promise<unknown> {
  const { token: provider } = core.options;
  const token = await provider?.({ expired });
  if (core.state === mine && provider && token == null)
    close(core, { kind: "unauthorized", message: "no token" });
  return token;
}

/** The token runs out after so many ms. It is renewed once four fifths of them are over. */
function expire(core: Core, ms: unknown): void {
  if (core.options.token) core.renewAt = core.now() + numberOf(ms, Infinity) * 0.8;
}

/** Asks for a new token and hands it in, on the connection that is open. */
async function refresh(core: Core): Promise<void> {
  const mine = core.state;
  core.renewAt = Infinity;
  try {
    const token = await tokenFor(core, mine, true);
    if (!core.options.token || core.state !== mine) return;
    const answer = await promiseOf((end) => ask(core, ":refresh", undefined, { token }, end));
    if (core.state !== mine) return;
    expire(core, Object(answer).expires);
    watch(core);
  } catch (error) {
    // The old token may still be good. Once it is not, the server closes with 4401.
    if (core.state === mine) report(core, "connection", `no token: ${error}`, error);
  }
}

// -------------------------------------------------------------------------------------------------
// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: (moment: string, wake: () => void) => void;
  readonly removeEventListener?: (moment: string, wake: () => void) => void;
  readonly document?: Place & { readonly hidden?: boolean };
}

type Waiting = Extract<State, { status: "waiting" }>;

const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];

/** Begins or ends to call `wake` at each of them. The same function is never called twice for one. */
function listen(how: "addEventListener" | "removeEventListener", wake: () => void): void {
  for (const place of [globalThis as Place, (globalThis as Place).document])
    for (const moment of MOMENTS) place?.[how]?.(moment, wake);
}

/** The page woke up. Several events tell of one awakening: it is looked at once a second. */
function wake(core: Core): void {
  const now = core.now();
  if ((globalThis as Place).document?.hidden) return;
  // A clock that was set back holds nothing up.
  core.wakeAt = Math.max(now, Math.min(core.wokeAt, now) + 1_000);
  look(core);
}

/** Comes back, or asks for a sign of life. What the user closed stays closed. */
function probe(core: Core): void {
  const now = core.now();
  core.wokeAt = now;
  core.wakeAt = Infinity;
  // The network may be back. A server that closed by itself had its reason: its delay holds.
  if (is(core, "waiting") && [0, 1006].includes((core.state as Waiting).cause.closeCode as number))
    start(core);
  // Behind a large message that is on its way no answer could come.
  else if (is(core, "open") && core.allowed < Infinity) {
    write(core, encode(core, ":ping"));
    core.deadline = Math.min(core.deadline, now + 2_500 * core.patience);
  }
}

// -------------------------------------------------------------------------------------------------
// Silence: how long the server may be silent, and one lazy timer for all that is due: frames only move the
// deadline.

/** Allows silence for so many ms from now. */
function allow(core: Core, ms: number): void {
  core.allowed = ms;
  core.deadline = core.now() + ms;
}

/** Looks again when the next of them is due. */
function watch(core: Core): void {
  const now = core.now();
  clearTimeout(core.timer);
  // A clock that was set back must not make a dead connection live longer.
  core.deadline = Math.min(core.deadline, now + core.allowed);
  core.timer = setTimeout(
    look,
    // After a longer allowance the deadline may come to be an earlier one again.
    Math.min(core.deadline, core.drainAt, core.renewAt, core.wakeAt, now + core.silence) - now,
    core,
  );
}

/** Does what is due. */
function look(core: Core): void {
  const now = core.now();
  if (now < Math.min(core.deadline, core.drainAt)) {
    if (now >= core.wakeAt) probe(core);
    if (now >= core.renewAt) refresh(core);
    watch(core);
  } else if (is(core, "waiting")) start(core);
  else lost(core, "timeout");
}

// -------------------------------------------------------------------------------------------------
// Incoming: what the server says, and to which part of the client it goes.

/** Takes one message from the server, whatever it holds. */
function hear(core: Core, said: unknown): void {
  const { descriptor, state } = core;
  const message = Object(descriptor.revive?.(said, core.inFlight) ?? said);
  const { cmd, channel = "", param = {} } = message;
  if (typeof cmd !== "string" || typeof channel !== "string") reply(core, message);
  else if (cmd === ":large") {
    // A large message follows, and may take so many ms longer. No frame comes before it.
    core.deadline += numberOf(param?.within, 0);
    core.allowed = Infinity;
  } else if (cmd === ":ping") write(core, encode(core, ":pong"));
  else if (cmd === ":error") report(core, "server", errorOf(param).message, errorOf(param));
  else if (cmd === ":refresh") refresh(core);
  else if (cmd === ":joined") joined(core, channel, param);
  else if (cmd === ":closed") expelled(core, channel, errorOf(param?.reason));
  else if (cmd === ":gap") interrupted(core, channel, param);
  else if (cmd === ":drain") {
    const [min, max] = [param?.after].flat();
    const from = numberOf(min, 0);
    core.drainAt = core.now() + from + core.random() * (numberOf(max, from) - from);
    watch(core);
  } else if (cmd === "close-connection") close(core, { kind: "asked", message: cmd });
  else if (cmd !== ":pong") {
    const isNext = descriptor.recovery?.[1](core.members.get(channel), message, () =>
      missed(core, channel, "gap"),
    );
    // A handler that is told of a gap may have disconnected.
    if (isNext === false || core.state !== state) return;
    core.patience = 1;
    message.param = param;
    const isKnown = descriptor.events.includes(cmd);
    // These the protocol itself tells, beside the events of each definition.
    if (isKnown || /^(online|presence)-update$/.test(cmd))
      tell(core, [cmd, `${cmd} ${channel}`, isKnown ? ":onMessage" : ""], message);
    else if (!tell(core, [":onUnknown"], message))
      report(core, "message", "unknown message", message);
  }
}

// -------------------------------------------------------------------------------------------------
// Turns: messages are handled in order, one in a task, so that whoever the program has awaiting one goes on
// before the next is told. Browsers hand over each frame like that; other engines hand over several at once.

type Run = () => void;

/** The engines that are not browsers have it. Taken here, before a test puts another in its place. */
const { setImmediate } = globalThis as { setImmediate?: (run: Run) => void };

/** What runs something in its turn: behind all that this WebSocket handed over before, and never once it is given up. */
function createTurns(core: Core, socket: WebSocketLike): (runs: readonly Run[]) => void {
  const queue: Run[] = [];
  let isTaken: unknown;
  const next = () => {
    const run = queue.shift();
    // The turn lasts as long as the task, in which the engine may hand over more.
    isTaken = !socket.inTurn && (queue[0] || (run && setImmediate));
    // In browsers the messages of one frame alone come here, where that is a list.
    if (isTaken) (setImmediate ?? setTimeout)(next);
    if (core.ws === socket) run?.();
  };
  return (runs) => {
    queue.push(...runs);
    while (queue[0] && !isTaken) next();
  };
}

// -------------------------------------------------------------------------------------------------
// Fallbacks: the numbers of a welcome that leaves them out, in ms. The server for tests announces the same.

/** The silence after which the server pings. */
const PING = 25_000;

/** How long the answer to a ping may take. */
const PING_TIMEOUT = 10_000;

// -------------------------------------------------------------------------------------------------
// Welcome: the answer to `:connect`, and what it brings back.

function welcome(core: Core, answer: unknown): void {
  const { named, members } = core;
  if (answer instanceof SocketError) {
    // The close that follows says what it means.
    core.refused = answer;
    return;
  }
  const { connection, user, ping, timeout, expires, resumed, limits, channels } = Object(answer);
  if (typeof connection !== "string") {
    report(core, "message", "unknown message", answer);
    return;
  }
  core.welcome = answer as Fields;
  core.limits = Object(limits);
  core.refusals = 0;
  core.openedAt = core.now();
  repeat(core, resumed);
  expire(core, expires);
  const mine: State = { status: "open", id: connection, user: user as User | null };
  change(core, mine, numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT));
  for (const [channel, result] of Object.entries(Object(channels))) {
    const { error } = Object(result);
    // A handler may have disconnected.
    if (core.state !== mine) return;
    if (error) expelled(core, channel, errorOf(error));
    // Else it was left while `:connect` was on its way.
    else if (members.has(channel) || !named?.has(channel)) joined(core, channel, result);
  }
}

// -------------------------------------------------------------------------------------------------
// Dial: opens one WebSocket, says `:connect`, and hands over what comes. Once it is given up nothing of it is
// heard, whatever it still does.

/** What a page has, and a server that renders one does not. */
interface Page {
  readonly location?: unknown;
}

/** Throws where there is no WebSocket, or none that takes the address. */
function dial(core: Core, address: string | URL, token: unknown): void {
  // Not every place has a location: a server renders without one, and takes absolute addresses only.
  const { href } = new URL(address, (globalThis as Page).location as string);
  const socket = new (core.options.WebSocket ?? WebSocket)(
    href.replace(/^http/, "ws"),
    "socket.v1",
  );
  const take = createTurns(core, socket);
  core.ws = socket;
  socket.onopen = () => {
    const named = new Map(core.members);
    core.named = named;
    const param = {
      token,
      session: core.welcome["session"],
      protocol: core.descriptor.id,
      knows: [":large"],
      channels: Object.fromEntries([...named].map(([name, { since }]) => [name, { since }])),
    };
    const end = (answer: unknown) => welcome(core, answer);
    core.inFlight.set(CONNECT_ID, { id: CONNECT_ID, end } as Outgoing);
    write(core, encode(core, ":connect", undefined, param, CONNECT_ID));
  };
  socket.onmessage = ({ data }: { data: string }) => {
    trace(core, "<-", data);
    if (is(core, "open")) allow(core, core.silence * core.patience);
    let messages: unknown[] = [data];
    try {
      messages = [JSON.parse(data)].flat();
    } catch {}
    take(messages.map((message) => () => hear(core, message)));
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
    take([() => lost(core, reason || "closed", code)]);
  // Never fatal by itself: a close follows, and tells more.
  socket.onerror = () => {};
}

// -------------------------------------------------------------------------------------------------
// Connection: when there is one, when the next one, and when none any more. State comes first and callbacks
// last: a handler may do anything, disconnecting included.

/** `ms`: how long until something else must be. A WebSocket takes up to a minute to close: not awaited. */
function change(core: Core, next: State & { readonly cause?: Cause }, ms: number): void {
  const { ws } = core;
  const { cause } = next;
  clearTimeout(core.timer);
  core.client.state = core.state = next;
  const isClosed = is(core, "closed");
  core.silence = ms;
  allow(core, is(core, "open") ? ms * core.patience : ms);
  if (!is(core, "open")) {
    core.drainAt = core.renewAt = core.wakeAt = Infinity;
    core.named = core.refused = undefined;
    // `error` keeps its handler: some implementations throw an error that nobody listens to.
    if (ws) ws.onopen = ws.onmessage = ws.onclose = null;
    ws?.close(isClosed ? 1_000 : undefined);
    core.ws = undefined;
    core.queued = core.queued.filter(({ until }) => until);
    away(core, isClosed);
  }
  if (isClosed) {
    const unsent = end(core);
    if (unsent) report(core, "queue", `${unsent} not sent`);
  } else watch(core);
  flush(core);
  tell(core, [":state", is(core, "open") ? ":onOpen" : ""], next);
  // The state says it too: the console need not.
  if (cause && cause.kind !== "user" && core.options.onError)
    report(core, "connection", cause.message);
}

/** Stays away until `start`. */
function close(core: Core, cause: Cause): void {
  if (is(core, "closed")) return;
  core.welcome = {};
  core.attempt = core.refusals = 0;
  listen("removeEventListener", core.wake);
  change(core, { status: "closed", cause }, 0);
}

/** The connection is lost: comes back after a while, if coming back can help. */
function lost(core: Core, message: string, closeCode = 0): void {
  const { refused } = core;
  if (closeCode === 4401) core.refusals++;
  const kind = kindOf(closeCode, core.refusals);
  const cause: Cause = {
    kind,
    message: refused?.message ?? message,
    closeCode,
    upgrade: refused?.data as Upgrade,
  };
  if (kind !== "lost") return close(core, cause);
  // After 5 s that it lasted the next delay is a first one again.
  if (is(core, "open") && core.now() - core.openedAt >= 5_000) core.attempt = 0;
  let delay = delayOf(core, closeCode);
  if (core.drainAt < Infinity) delay = core.drainAt - core.now();
  // Without a sign of life: nobody sent it away, so it need not wait. What is large may have been on its way:
  // the next connection is given longer for it.
  else if (is(core, "open") && !closeCode) {
    delay = 0;
    core.patience = Math.min(8, core.patience * 2);
  }
  change(
    core,
    { status: "waiting", attempt: ++core.attempt, retryAt: core.now() + delay, cause },
    delay,
  );
}

/** Connects now. */
async function start(core: Core): Promise<void> {
  const { url, connectTimeout } = core.options;
  const mine: State = { status: "connecting", attempt: core.attempt };
  let address: string | URL | undefined;
  let token: unknown;
  listen("addEventListener", core.wake);
  change(core, mine, numberOf(connectTimeout, CONNECT_TIMEOUT));
  try {
    address = await (typeof url === "function" ? url() : url);
    token = await tokenFor(core, mine, core.refusals > 0);
  } catch (error) {
    // A provider that rejects is a break like any other.
    if (core.state === mine) lost(core, `${error}`);
  }
  if (core.state !== mine) return;
  try {
    dial(core, address as string, token);
  } catch (error) {
    close(core, { kind: "unusable", message: `${error}` });
  }
}

// -------------------------------------------------------------------------------------------------
// Client: ties the parts together to the object that programs hold. It knows names and no types.

/** Makes a client of `client`. */
function createClient(
  client: { state?: State },
  descriptor: Descriptor,
  options: Options<AnyProtocol>,
): void {
  // The deadlines come with the first change of the state.
  const core = {
    client,
    descriptor,
    options,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    listeners: new Map(),
    state: { status: "idle" },
    welcome: {},
    limits: {},
    attempt: 0,
    refusals: 0,
    patience: 1,
    wokeAt: 0,
    wake: () => wake(core),
    queued: [],
    inFlight: new Map(),
    due: 0,
    lastId: CONNECT_ID,
    members: new Map(),
  } as Partial<Core> as Core;
  // Nobody joins these.
  for (const name of descriptor.keeps ?? []) memberOf(core, name);
  for (const [name, handler] of Object.entries(options))
    if (handler) on(core, `:${name}`, handler as Listener);
  const connect = () => {
    if (!is(core, "open") && !is(core, "connecting")) start(core);
  };
  const all: Client = {
    state: core.state,
    subscribe(listener) {
      const off = on(core, ":state", listener);
      // At once, as the stores of Svelte do: who listens need not read `state` first.
      listener(core.state);
      return off;
    },
    connect,
    disconnect: () => close(core, { kind: "user", message: "disconnected" }),
    send: (command, options) => send(core, command, options),
    call: (command, options) => call(core, command, options),
    tryCall: (command, options) => tryCall(core, command, options),
    on: (event, handler) => onEvent(core, event, handler),
    channel: (name) => createRoom(core, name),
  };
  Object.assign(client, all);
  if (options.connect !== false) connect();
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
  /** Like `call`, with the error as a typed value. A `param` that contains itself is a `TypeError` there. */
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
      createClient(this, descriptor, options);
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

/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;

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
      if (items.length >= max) end(new SocketError({ code: "too-many", data: { limit: max } }));
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
    client.on(":onMessage", (_, message) => {
      if (channel === undefined || message.channel === channel) {
        unread.push(message as unknown as Message<P>);
      }
    }),
    client.on(":state", (_, state) => (state as unknown as State).status === "closed" && finish()),
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
// Ready: a promise of the connection. Its own file: who does not import it pays nothing for it.

type Open = Extract<State, { status: "open" }>;

export interface ReadyOptions {
  /** Ends the wait: `AbortSignal.timeout(5_000)` bounds it. Default: none, it may wait forever. */
  signal?: AbortSignal;
}

/**
 * The state of an open connection, at once where there is one, else as soon as there is. Rejects with
 * `disconnected` where the socket is closed for good, or comes to be (the `cause` is the state's), and with
 * `aborted` when `signal` says so. It connects nothing by itself, and `send` and `call` need not wait for it.
 */
export async function ready<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { signal }: ReadyOptions = {},
): Promise<Open> {
  const offs: (() => void)[] = [];
  try {
    return await promiseOf<Open>((end) => {
      const abort = () => end(new SocketError({ code: "aborted", cause: signal?.reason }));
      const listen = (state: State) => {
        const { status } = state;
        if (status === "open") end(state);
        if (status === "closed")
          end(
            new SocketError({
              code: "disconnected",
              message: state.cause.message,
              cause: state.cause,
            }),
          );
      };
      signal?.addEventListener("abort", abort);
      offs.push(() => signal?.removeEventListener("abort", abort), socket.subscribe(listen));
      if (signal?.aborted) abort();
    });
  } finally {
    for (const off of offs) off();
  }
}

// -------------------------------------------------------------------------------------------------
// Reviving: what a definition declares within the messages that come. Who needs values that JSON has no words
// for, or checks what comes, imports it; nobody else.

/** The parts of messages that hold what a definition declares. */
export type Revived = "event" | "reply" | "item" | "error";

/**
 * What a protocol takes as its `revive`: `part` gets each part that a definition declares, and gives it as the
 * program sees it. An event goes by its own name; a reply, an item and an error by their command's. What it
 * throws is the error that a call ends with, and for an event what `onError` is told instead.
 */
export function reviving(part: (what: Revived, name: string, value: unknown) => unknown): Revive {
  return (said, calls) => {
    const message = Object(said);
    const { re, cmd, error, item } = message;
    const name = cmd ?? calls.get(re)?.cmd;
    if (typeof name !== "string") return said;
    let what: Revived = "reply";
    if (cmd !== undefined) what = "event";
    else if (error) what = "error";
    else if (item !== undefined) what = "item";
    const place = what === "error" || what === "item" ? what : "param";
    const { [place]: value = {} } = message;
    try {
      message[place] = part(what, name, value);
      return message;
    } catch (cause) {
      const told = `${what} ${name}: ${cause instanceof Error ? cause.message : cause}`;
      const broken = new SocketError({ code: "message", message: told, cause });
      return what === "item" ? { re, item: broken } : { re, error: broken };
    }
  };
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
 * the whole of it. Default: 11 days.
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
      item: (item) =>
        item instanceof SocketError ? unread.end(item) : unread.push(item as ItemOf<P, K>),
    })
    .then(
      (reply) => unread.end(undefined, reply),
      (error: SocketError) => unread.end(error),
    );
  return unread.iterator as Stream<ItemOf<P, K>, P["commands"][K]["reply"]>;
}
