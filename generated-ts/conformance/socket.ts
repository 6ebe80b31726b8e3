// Made by socket-codegen 0.1.0.
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Recovery
//   Types
//   Wire
//   State
//   Errors
//   Emitter
//   Options
//   Channels
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
//   Ready
//   Stream

// -------------------------------------------------------------------------------------------------
// Recovery: how far each channel that keeps history was heard. Protocols that keep none do not import it.

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
  /** How to go on where a channel was left: `recovery`, where the protocol keeps history. */
  readonly recovery?: Recovery;
  /** For values that JSON has no words for, where the protocol has such. */
  readonly codec?: Codec;
}

/** How values that JSON has no words for cross the wire. */
export interface Codec {
  /** What `JSON.stringify` takes, for what is sent. */
  readonly replacer: (key: string, value: unknown) => unknown;
  /**
   * What came, as the program sees it; the value may be changed in place. An event goes by its own name,
   * a reply, an item and an error by their command's. A `SocketError` where it is none of the type's.
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

/** The fields of what may be no object: then there are none that anybody asks for. */
function fieldsOf(value: unknown): Fields {
  return Object(value) as Fields;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}

/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(
  cmd: string,
  channel?: string,
  param?: unknown,
  replacer?: Codec["replacer"],
  id?: number,
): string {
  return JSON.stringify({ cmd, channel, param, id }, replacer);
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
    Object.assign(this, { name: "SocketError", code, sent: false }, more);
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
// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

type Listener = (...args: never[]) => void;

type Emitter = readonly [
  on: (key: string, handler: Listener) => Off,
  /**
   * Runs the handlers of these keys, those that are there now, and not one that another took back, nor
   * any once `now` gives something else. `false`: there was none.
   */
  tell: (keys: readonly string[], ...args: readonly unknown[]) => boolean,
];

/** `now` gives what handlers are told about; `threw` is told what one throws. */
function createEmitter(now: () => unknown, threw: (error: unknown) => void): Emitter {
  const all = new Map<string, Set<{ handler: Listener }>>();
  // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
  const { dispose = "" } = Symbol as { readonly dispose?: symbol };
  return [
    (key, handler) => {
      const entries = all.get(key) ?? new Set();
      // Its own object, so that the same function given twice is two handlers with two ends.
      const entry = { handler };
      all.set(key, entries.add(entry));
      const off = () => {
        if (entries.delete(entry) && !entries.size) all.delete(key);
      };
      return Object.assign(off, { [dispose]: off }) as unknown as Off;
    },
    (keys, ...args) => {
      const then = now();
      let heard = false;
      for (const key of keys) {
        const entries = all.get(key);
        for (const entry of [...(entries ?? [])]) {
          if (then !== now() || !entries?.has(entry)) continue;
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
  ];
}

// -------------------------------------------------------------------------------------------------
// Options: what the user may set, each with its unit, its default and its meaning.

/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;

/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER: number = 2 ** 31 - 1;

/** A timer that takes any number of ms, and is never early: what is due is due when it runs. */
function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(Math.ceil(ms), MAX_TIMER));
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

/** Tells `onError`. `cause` is the error itself, or what led to it. */
type Report = (source: ErrorSource, message: string, cause?: unknown) => void;

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
  const { location } = globalThis as { location?: { href: string } };
  return new URL(url, location?.href).href.replace(/^http/, "ws");
}

/** What the option `onError` is where none is given. */
function shout(source: ErrorSource, message: string, error: SocketError): void {
  // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
  if (source !== "connection") console.error(`socket: ${source}: ${message}`, error);
}

// -------------------------------------------------------------------------------------------------
// Channels: those that this client wants to be in, and what the server says of them. Wishes outlive
// connections: each `:connect` names them all.

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

type Channels = readonly [
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
function createChannels(
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

// -------------------------------------------------------------------------------------------------
// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

/**
 * ms until the next attempt. Full jitter from the first one on: any moment below the bound, which doubles
 * with each attempt and never exceeds 20 s.
 */
function delayOf(random: () => number, spread: number, attempt: number): number {
  return random() * Math.min(20_000, spread * 2 ** attempt);
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

type Lifecycle = readonly [
  connect: () => void,
  /** Stays away until `connect`. */
  close: (kind: Cause["kind"], message: string) => void,
  send: (text: string) => void,
  /** The answer to `:connect`. */
  welcome: (welcome: Fields) => void,
  /** The other answer to `:connect`. The close that follows is not waited for. */
  refused: (error: SocketError) => void,
  /** Asks for a new token and hands it in, on the connection that is open. */
  refresh: () => Promise<void>,
  /** The server goes away, and names the window in which to be elsewhere, in ms from now. */
  drain: (window: readonly unknown[]) => void,
];

type Timer = ReturnType<typeof setTimeout>;

/**
 * `hello` gives what `:connect` says beside the token and the session. `changed` is told each state first,
 * before anybody else, and with `open` the WebSocket and what the server said. `hear` is told each message.
 */
function createLifecycle(
  options: Options<AnyProtocol>,
  now: () => number,
  hello: () => object,
  changed: (state: State, socket?: WebSocketLike, welcome?: unknown) => void,
  hear: (message: unknown) => void,
  ask: (cmd: ":refresh", channel: undefined, param: unknown, end: End) => void,
  report: Report,
): Lifecycle {
  const { url, token: provider, connectTimeout = 10_000, random = Math.random } = options;
  let state: State = { status: "idle" };
  let ws: WebSocketLike | undefined;
  /** When it is given up, by the wall clock: a page that slept finds it passed. */
  let deadline = 0;
  /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
  let silence = 0;
  /** When `:drain` wants us elsewhere; 0 for not at all. */
  let drainAt = 0;
  /** For the next look at both, or for the next attempt. */
  let timer: Timer | undefined;
  let renewal: Timer | undefined;
  /** Listens to the page for its wake-up. */
  let wakes: AbortController | undefined;
  let attempt = 0;
  let refusals = 0;
  let openedAt = 0;
  /** ms; the first delay is anywhere below it. The server may name another. */
  let spread = 2_000;
  /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
  let session: unknown;

  const change = (next: State, welcome?: unknown) => {
    state = Object.freeze(next);
    changed(state, ws, welcome);
  };

  const trace = (arrow: string, data: unknown) => {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (options.debug) console.debug(arrow, data);
  };

  const send = (text: string) => {
    trace("->", text);
    ws?.send(text);
  };

  /** Gives the connection up. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
  const hangUp = (closeCode?: number) => {
    clearTimeout(timer);
    clearTimeout(renewal);
    if (!ws) return;
    // `error` keeps its handler: some implementations throw an error that nobody listens to.
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close(closeCode);
    ws = undefined;
  };

  const close = (kind: Cause["kind"], message: string, closeCode?: number, upgrade?: unknown) => {
    if (state.status === "closed") return;
    session = undefined;
    wakes?.abort();
    wakes = undefined;
    hangUp(1000);
    const cause: Cause = { kind, message, closeCode, upgrade: upgrade as Upgrade };
    change({ status: "closed", cause });
    if (kind !== "user") report("connection", message);
  };

  /** The connection is lost: comes back after a while, if coming back can help. */
  const lost = (message: string, closeCode?: number, upgrade?: unknown) => {
    if (closeCode === 4401) refusals++;
    const end = refusals > 1 ? "unauthorized" : endOf(closeCode);
    if (end) return close(end, message, closeCode, upgrade);
    // After 5 s that it lasted the next delay is a first one again.
    if (silence && now() - openedAt >= 5_000) attempt = 0;
    let delay = delayOf(random, spread, attempt++);
    // Closed for too many messages.
    if (closeCode === 4429) delay = Math.max(delay, 3_000);
    // An open connection without a sign of life: nobody sent it away, so it need not wait.
    if (silence && !closeCode) delay = 0;
    if (drainAt) delay = Math.max(0, drainAt - now());
    hangUp();
    timer = later(start, delay);
    change({
      status: "waiting",
      attempt,
      retryAt: now() + delay,
      cause: { kind: "lost", message, closeCode },
    });
    report("connection", message);
  };

  /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
  const watch = () => {
    clearTimeout(timer);
    // A clock that was set back must not make a dead connection live longer.
    deadline = Math.min(deadline, now() + (silence || connectTimeout));
    const left = Math.min(deadline, drainAt || deadline) - now();
    if (left > 0) timer = later(watch, left);
    else if (drainAt) lost("draining");
    else lost(silence ? "no sign of life" : "connecting timed out");
  };

  /** A token, where there is a provider. Without one to be had this is over. */
  const tokenFor = async (mine: State, expired: boolean) => {
    const token = await provider?.({ expired });
    if (state === mine && provider && token == null) close("unauthorized", "no token");
    return token;
  };

  const start = async () => {
    const mine: State = { status: "connecting", attempt };
    let isReady = false;
    hangUp();
    wakes ??= onWake(wake);
    drainAt = silence = 0;
    deadline = now() + connectTimeout;
    watch();
    change(mine);
    try {
      const [address, token] = await Promise.all([
        typeof url === "function" ? url() : url,
        tokenFor(mine, refusals > 0),
      ]);
      if (state !== mine) return;
      isReady = true;
      const Class = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
      dialled(new (Class as WebSocketClass)(addressOf(address), SUBPROTOCOL), token);
    } catch (error) {
      if (state !== mine) return;
      if (isReady) close("unusable", `no usable url or WebSocket: ${error}`);
      // A provider that rejects is a break like any other.
      else lost(`no url or token: ${error}`);
    }
  };

  const dialled = (socket: WebSocketLike, token: unknown) => {
    ws = socket;
    socket.onopen = () => {
      const param = { token, session, ...hello() };
      send(encode(":connect", undefined, param, undefined, CONNECT_ID));
    };
    socket.onmessage = ({ data }: { data: unknown }) => {
      trace("<-", data);
      if (silence) deadline = now() + silence;
      let messages: unknown[] = [];
      try {
        messages = [JSON.parse(data as string)].flat();
      } catch {}
      if (!messages.length) report("message", `no message: ${String(data).slice(0, 80)}`);
      for (const message of messages) if (ws === socket) hear(message);
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
      lost(reason || `closed with ${code}`, code);
    // Never fatal by itself: a close follows, and tells more.
    socket.onerror = () => {};
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
    // ms for a sign of life after the page woke up.
    const soon = now() + 2_500;
    // Before the welcome there is one deadline. Several events tell of one awakening, and one
    // question is enough.
    if (!silence || deadline <= soon) return;
    send(encode(":ping"));
    deadline = soon;
    watch();
  };

  /** Asks for a new token and hands it in, on the connection that is open. */
  const refresh = async () => {
    const mine = state;
    try {
      const token = await tokenFor(mine, true);
      if (!provider || state !== mine) return;
      const param = { token };
      const answer = await promiseOf((end) => ask(":refresh", undefined, param, end));
      if (state === mine) renewBefore(fieldsOf(answer)["expires"]);
    } catch (error) {
      // The old token may still be good. Once it is not, the server closes with 4401.
      if (state === mine) report("connection", `no new token: ${error}`, error);
    }
  };

  const renewBefore = (expires: unknown) => {
    clearTimeout(renewal);
    if (typeof expires !== "number" || !provider) return;
    // 30 s ahead. A short-lived token is renewed at half its life.
    renewal = later(refresh, Math.max(expires - 30_000, expires / 2));
  };

  return [
    () => {
      const { status } = state;
      if (status === "connecting" || status === "open") return;
      if (status !== "waiting") attempt = refusals = 0;
      start();
    },
    close,
    send,
    (welcome) => {
      const { connection, user, ping, timeout, expires, ...more } = welcome;
      session = more["session"];
      spread = numberOf(more["spread"], spread);
      refusals = 0;
      openedAt = now();
      silence = numberOf(ping, 25_000) + numberOf(timeout, 10_000);
      deadline = openedAt + silence;
      watch();
      renewBefore(expires);
      const who = typeof user === "object" ? (user as User | null) : null;
      change({ status: "open", id: connection as string, user: who }, welcome);
    },
    ({ code, message, data }) => {
      if (code === "unauthorized") lost(message, 4401);
      else if (code === "upgrade-required") lost(message, 4526, data);
      else lost(message);
    },
    refresh,
    ([min, max]) => {
      const from = numberOf(min, 0);
      drainAt = now() + from + random() * Math.max(0, numberOf(max, spread) - from);
      watch();
    },
  ];
}

// -------------------------------------------------------------------------------------------------
// Outbox: all that goes out. What waits, in order and bounded; the pace at which it goes; the calls
// that were sent and not answered, and what becomes of them when the connection breaks.

/** A message on its way out, from the moment it is made. With an `end` it is a call. */
interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /**
   * When it is not worth sending any more. Without it this is a command of the protocol's own, good for
   * one connection: after a break `:connect` says what still holds of it.
   */
  readonly until?: number;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** Bytes, counted once it has to wait. */
  size?: number;
  /** Told the error, or the reply. Gone once the caller no longer waits. */
  end?: End | undefined;
  /** Running it twice does no harm. */
  readonly idempotent?: boolean;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
  /** From when it is sent. It stays the same when it is sent again. */
  id?: number;
}

type Outbox = readonly [
  /** Sends it, or has it wait. `volatile`: or drops it. */
  put: (message: Outgoing, volatile?: boolean) => SendResult,
  /** It leaves the queue and its caller is told. An answer that still comes is no surprise. */
  end: (message: Outgoing, outcome: unknown) => void,
  /** Takes the answer, or one item of it, to the call that waits. `false`: nobody asked. */
  answer: (re: unknown, outcome: unknown, item: unknown) => boolean,
  /** The server let us in: the calls that go on are sent again, and then all that waits. */
  open: (socket: WebSocketLike, resumed: boolean, limits: unknown) => void,
  /** There is no connection: everything waits. `forGood`: nothing does, and all calls end. */
  hold: (forGood: boolean) => void,
];

/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;

/** Bytes that the id and the timeout add to a call. */
const STAMP = 50;

function createOutbox(
  { queueMessages = 1_000, queueBytes = 2 ** 20 }: Options<AnyProtocol>,
  now: () => number,
  write: (text: string) => void,
  report: Report,
): Outbox {
  let queue: Outgoing[] = [];
  /** By id, in the order in which they were first sent. */
  const sent = new Map<unknown, Outgoing>();
  let lastId = CONNECT_ID;
  /** Calls up to this id may be answered twice: the session is older than the connection. */
  let earlierId = 0;
  let isClosed = false;
  let socket: WebSocketLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes of the largest message that the server takes. */
  let limit = Infinity;
  /** ms from one message to the next at the server's rate, and how many may go at once. */
  let interval = 0;
  let burst = 0;
  /** When the next message would go if all went at that rate. It may lag by a burst. */
  let due = 0;

  const isFresh = ({ until }: Outgoing) => !until || until > now();

  /**
   * ms until the next message may go out. While the WebSocket itself holds back over 1 MiB it counts as not
   * open, and is looked at again after 50 ms.
   */
  const delay = ({ bufferedAmount }: WebSocketLike) =>
    bufferedAmount > 2 ** 20 ? 50 : Math.max(0, due - now());

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
      due = Math.max(due, now() - (burst - 1) * interval) + interval;
      let { text } = message;
      const { end, until } = message;
      if (end) {
        message.id ||= ++lastId;
        sent.set(message.id, message);
        const timeout = until && Math.ceil(until - now());
        const stamp = JSON.stringify({ id: message.id, timeout });
        text = `${text.slice(0, -1)},${stamp.slice(1)}`;
      }
      write(text);
    }
  };

  const end = (message: Outgoing, outcome: unknown) => {
    queue = queue.filter((other) => other !== message);
    message.end?.(outcome);
    message.end = undefined;
  };

  return [
    (message, volatile) => {
      const { text, key, until } = message;
      const refuse = (code: string, more?: object): SendResult => {
        end(message, new SocketError(code, code, more));
        return "dropped";
      };
      if (isClosed) return refuse("disconnected");
      const stamp = message.end ? STAMP : 0;
      // A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting.
      if (text.length * 3 + stamp > limit && byteLength(text) + stamp > limit)
        return refuse("too-large", { data: { limit } });
      const isFree = socket && !queue[0] && !delay(socket);
      if (!isFree) {
        const rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
        message.size = byteLength(text);
        const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
        if (volatile || rest.length >= queueMessages || bytes > queueBytes)
          return refuse("queue-full");
        queue = rest;
      }
      // What the welcome did not answer is asked before what may depend on it goes out.
      if (until || socket) queue.push(message);
      else queue.unshift(message);
      flush();
      return isFree ? "sent" : "queued";
    },
    end,
    (re, outcome, item) => {
      const call = sent.get(re);
      if (item !== undefined) call?.item?.(item);
      else if (call) {
        sent.delete(re);
        end(call, outcome);
      }
      return !!call || ((re as number) > CONNECT_ID && (re as number) <= earlierId);
    },
    (next, resumed, limits) => {
      for (const call of sent.values()) {
        if (call.end && !call.item && (call.idempotent || (resumed && call.until))) continue;
        sent.delete(call.id);
        end(call, lostCall(true));
      }
      // Some may wait to be sent again since the last time.
      queue = [...new Set([...sent.values(), ...queue])];
      const { message, rate, burst: atOnce } = fieldsOf(limits);
      limit = numberOf(message, Infinity);
      interval = 1000 / (numberOf(rate, UNLIMITED) || UNLIMITED);
      // What goes out evenly may arrive bunched: a part of the burst stays in hand for that.
      burst = numberOf(atOnce, UNLIMITED) * 0.8;
      earlierId = resumed ? lastId : 0;
      if (!resumed) due = 0;
      socket = next;
      flush();
    },
    (forGood) => {
      isClosed = forGood;
      socket = undefined;
      queue = queue.filter(({ until }) => until);
      if (!forGood) return;
      const unsent = queue.filter((message) => isFresh(message) && !message.end).length;
      for (const message of [...sent.values(), ...queue]) end(message, lostCall(!!message.id));
      sent.clear();
      if (unsent) report("queue", `${unsent} messages were not sent`);
    },
  ];
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

/** Makes a client of `client`: the object that programs hold. */
function createClient(
  client: { state?: State },
  { name, fingerprint, events, idempotent, keeps = [], recovery, codec }: Descriptor,
  options: Options<AnyProtocol>,
): void {
  const { now = Date.now, callTimeout = 10_000, onError = shout } = options;
  const known = new Set(events);
  let state: State = { status: "idle" };

  const report: Report = (source, message, cause) => {
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

  const [on, tell] = createEmitter(
    () => state,
    (error) => report("handler", String(error), error),
  );

  const is = (status: State["status"]) => state.status === status;
  const isOpen = () => is("open");

  /** A command of the protocol's own. */
  const ask = (cmd: string, channel: string | undefined, param: unknown, end: End) => {
    put({ text: encode(cmd, channel, param), end });
  };

  const changed = (next: State, ws?: WebSocketLike, welcome?: unknown) => {
    client.state = state = next;
    if (!ws || !welcome) {
      const isClosed = is("closed");
      ended(isClosed);
      hold(isClosed);
      tell([":state"], next);
      return;
    }
    const { limits, resumed, channels } = fieldsOf(welcome);
    const answers = fieldsOf(channels);
    reconcile(answers);
    open(ws, resumed === true, limits);
    tell([":state", ":open"], next);
    if (state === next) admit(answers);
  };

  /** A value as the program sees it, or an error where it is none of its type's. */
  const revive = codec?.revive ?? ((_what: Revived, _cmd: string, value: unknown) => value);

  const hear = (message: unknown) => {
    const { re, error, item, cmd, channel = "", param = {} } = fieldsOf(message);
    const fields = fieldsOf(param);
    const isWelcome = typeof fields["connection"] === "string";
    if (re === CONNECT_ID && is("connecting") && (error || isWelcome)) {
      if (error) refused(errorOf(error));
      else welcome(fields);
    } else if (typeof cmd !== "string" || typeof channel !== "string") {
      if (!answer(re, error ? errorOf(error) : param, item))
        report("message", `not asked for: ${JSON.stringify(message).slice(0, 80)}`);
    } else if (cmd === ":ping") write(encode(":pong"));
    else if (cmd === ":error") report("server", errorOf(param).message, errorOf(param));
    else if (cmd === ":refresh") refresh();
    else if (cmd === ":joined") joined(channel, param);
    else if (cmd === ":closed") closed(channel, errorOf(fields["reason"]));
    else if (cmd === ":gap") gap(channel, param);
    else if (cmd === ":drain") drain([fields["after"]].flat());
    else if (cmd === "close-connection") close("asked", "the server asked for it");
    else if (cmd !== ":pong")
      publish(channel, { ...(message as AnyEvent), param: revive("event", cmd, param) });
  };

  const publish = (channel: string, message: AnyEvent) => {
    const { cmd, param } = message;
    if (param instanceof SocketError) return report("message", param.message, param);
    const isKnown = known.has(cmd);
    const then = state;
    if (!isNews(channel, message) || then !== state) return;
    const keys =
      isKnown || BUILTIN.includes(cmd)
        ? [cmd, `${cmd} ${channel}`, isKnown ? ":message" : ""]
        : [":unknown"];
    if (!tell(keys, param, message) && keys[0] !== cmd) report("message", `unknown event: ${cmd}`);
  };

  const send: Client["send"] = ({ cmd, channel, param }, { key, ttl = Infinity, volatile } = {}) =>
    put(
      {
        text: encode(cmd, channel, param, codec?.replacer),
        until: now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
      },
      volatile,
    );

  const call: Client["call"] = (
    { cmd, channel, param },
    { timeout = callTimeout, signal, item } = {},
  ) =>
    promiseOf((settle) => {
      const message: Outgoing = {
        text: encode(cmd, channel, param, codec?.replacer),
        until: now() + Math.min(timeout, MAX_TIMER),
        item: item && ((one) => item(revive("item", cmd, one))),
        // The protocol's own that programs may call only ask.
        idempotent: cmd[0] === ":" || idempotent.includes(cmd),
        end(outcome) {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          settle(revive(outcome instanceof SocketError ? "error" : "reply", cmd, outcome));
        },
      };
      const abort = () => {
        // The server counts a time-out itself; an abort is news to it.
        if (message.id && isOpen()) write(encode(":cancel", undefined, { id: message.id }));
        end(message, new SocketError("aborted", undefined, { cause: signal?.reason }));
      };
      const timer = later(() => end(message, new SocketError("timeout")), timeout);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else put(message);
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
      join: () => join(name, room),
      leave: () => leave(name, room),
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

  const [join, leave, request, reconcile, admit, ended, joined, closed, gap, isNews] =
    createChannels(keeps, recovery, isOpen, ask, on, tell, report);
  const [connect, close, write, welcome, refused, refresh, drain] = createLifecycle(
    options,
    now,
    () => ({ protocol: { name, fingerprint }, channels: request() }),
    changed,
    hear,
    ask,
    report,
  );
  const [put, end, answer, open, hold] = createOutbox(options, now, write, report);
  const { onOpen, onGap, onMessage, onUnknown } = options;
  if (onOpen) on(":open", onOpen);
  if (onGap) on(":gap", onGap);
  if (onMessage) on(":message", (_, message) => onMessage(message as never));
  if (onUnknown) on(":unknown", (_, message) => onUnknown(message as never));
  const all: Client = {
    state,
    subscribe(listener) {
      const off = on(":state", listener);
      // At once, as the stores of Svelte do: who listens need not read `state` first.
      listener(state);
      return off;
    },
    connect,
    disconnect: () => close("user", "disconnect()"),
    send,
    call,
    tryCall,
    on,
    channel,
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
      const abort = () => end(new SocketError("aborted", undefined, { cause: signal?.reason }));
      const listen = (state: State) => {
        const { status } = state;
        if (status === "open") end(state);
        if (status === "closed")
          end(new SocketError("disconnected", state.cause.message, { cause: state.cause }));
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
      item: (item) =>
        item instanceof SocketError ? unread.end(item) : unread.push(item as ItemOf<P, K>),
    })
    .then(
      (reply) => unread.end(undefined, reply),
      (error: SocketError) => unread.end(error),
    );
  return unread.iterator as Stream<ItemOf<P, K>, P["commands"][K]["reply"]>;
}
