// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Errors
//   Types
//   Wire
//   Queue
//   Calls
//   Emitter
//   Backoff
//   Options
//   Connection
//   Wake
//   State
//   Lifecycle
//   Memberships
//   Outbox
//   Room
//   Client
//   Socket
//   Define
//   Messages

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
  | Fault<"upgrade-required", { readonly name: string; readonly fingerprint?: string }>
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
  override readonly name: string = "SocketError";
  /** Kebab-case and stable: the protocol's, the command's own, or one that only the client makes. */
  readonly code: string;
  /** What the code declares. Checked by nobody: it is what the server sent. */
  readonly data: unknown;
  /** With `disconnected`: whether the server may have got the command. Else `false`. */
  readonly sent: boolean;

  constructor(
    code: string,
    message: string,
    more: { data?: unknown; sent?: boolean; cause?: unknown } = {},
  ) {
    super(message, more);
    this.code = code;
    this.data = more.data;
    this.sent = more.sent ?? false;
  }
}

// -------------------------------------------------------------------------------------------------
// Types: how an emitted protocol types the socket. Only indexed access, so that an editor stays fast
// with a thousand commands.

/** The parameters or the reply of something that has none. */
export type Empty = Record<string, never>;

interface CommandShape {
  channel?: string;
  param?: unknown;
  reply: unknown;
  error: unknown;
}

interface ChannelShape<Commands, Events> {
  name: string;
  commands: Commands;
  events: Events;
}

/** What the interface `Protocol` of an emitted file must look like. */
export interface ProtocolShape<P extends ProtocolShape<P>> {
  commands: { [K in keyof P["commands"]]: CommandShape };
  events: { [K in keyof P["events"]]: unknown };
  channels: {
    [K in keyof P["channels"]]: ChannelShape<keyof P["commands"], keyof P["events"]>;
  };
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
  /** For values that JSON has no words for, where the protocol has such. */
  readonly codec?: Codec;
}

/** How values that JSON has no words for cross the wire. */
export interface Codec {
  /** What `JSON.stringify` takes, for what is sent. */
  readonly replacer: (key: string, value: unknown) => unknown;
  /**
   * What came, as the program sees it; the value may be changed in place. An event goes by its own name,
   * a reply and an error by their command's. Throws where the text is none of the type's.
   */
  readonly revive: (what: "event" | "reply" | "error", name: string, value: unknown) => unknown;
}

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
type EventsOf<P extends ProtocolShape<P>> = P["events"] & BuiltinEvents;

/** What `on` takes: the parameters, and for those who need more the whole event. */
type Handler<Name extends PropertyKey, Param> = (
  param: Param,
  message: EventMessage<Name, Param>,
) => void;

/** The names of all channels. */
type ChannelName<P extends ProtocolShape<P>> = P["channels"][keyof P["channels"]]["name"];

/** The pattern, or patterns, that a channel's name fits. */
type PatternOf<P extends ProtocolShape<P>, Name extends string> = {
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
// Wire: what a frame holds. The one place where bytes from outside become values that can be trusted.

/** The subprotocol that stands for the full mode of this protocol, version 1. */
const SUBPROTOCOL = "socket.v1";

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;

type Fields = { readonly [name: string]: unknown };

type Incoming =
  | {
      readonly kind: "event";
      readonly channel: string;
      readonly event: EventMessage<string, unknown>;
    }
  | { readonly kind: "reply"; readonly re: number; readonly param: unknown }
  | { readonly kind: "error"; readonly re: number; readonly error: Fields }
  | { readonly kind: "bad"; readonly reason: string };

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}

/** Takes a frame apart. A bad element is one `bad`; the others still count. */
function decode(data: unknown, codec?: Codec): Incoming[] {
  if (typeof data !== "string") return [bad("a frame that is not text")];
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch {
    return [bad(`a frame that is not JSON: ${data.slice(0, 80)}`)];
  }
  if (!Array.isArray(frame)) return [element(frame, codec)];
  return frame.length > 0 ? frame.map((one) => element(one, codec)) : [bad("an empty array")];
}

function element(value: unknown, codec?: Codec): Incoming {
  const [re, error, cmd] = [field(value, "re"), field(value, "error"), field(value, "cmd")];
  if (re !== undefined) {
    if (typeof re !== "number") return bad("a reply whose `re` is not a number");
    if (error === undefined) return { kind: "reply", re, param: field(value, "param") ?? {} };
    if (!isFields(error)) return bad("a reply whose `error` is not an object");
    return { kind: "error", re, error };
  }
  if (!isFields(value) || typeof cmd !== "string") return bad("neither an event nor a reply");
  const channel = field(value, "channel") ?? "";
  if (typeof channel !== "string")
    return bad(`the event ${cmd} with a \`channel\` that is no text`);
  const param = revive(codec, "event", cmd, field(value, "param") ?? {});
  if (param instanceof SocketError) return bad(param.message);
  // The same object goes to every handler, with `param` there even if the server left it out.
  return { kind: "event", channel, event: { ...value, cmd, param } };
}

/** The value as the program sees it, or an error where it is none of its type's. */
function revive(
  codec: Codec | undefined,
  what: "event" | "reply" | "error",
  name: string,
  value: unknown,
): unknown {
  try {
    return codec?.revive(what, name, value) ?? value;
  } catch (cause) {
    return new SocketError("message", `the ${what} ${name} with ${cause}`, { cause });
  }
}

function bad(reason: string): Incoming {
  return { kind: "bad", reason };
}

/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(
  cmd: string,
  channel: string | undefined,
  param: unknown,
  codec?: Codec,
): string {
  return JSON.stringify({ cmd, channel: channel || undefined, param }, codec?.replacer);
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
// Queue: what waits for the connection, in order and bounded. It refuses the newest, so that what it
// accepted is never lost in silence.

/** A message on its way out. */
interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /** Gives the text as it goes out now. */
  readonly stamp?: () => string;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** When it is not worth sending any more. */
  readonly staleAt?: number | undefined;
}

interface QueueBounds {
  readonly queueMessages: number;
  readonly queueBytes: number;
  readonly now: () => number;
}

class Queue {
  readonly #messages = new Map<Outgoing, number>();
  readonly #bounds: QueueBounds;
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** `false`: it is full, and the message was not taken. */
  add(message: Outgoing): boolean {
    this.#dropStale();
    for (const other of message.key ? this.#messages.keys() : [])
      if (other.key === message.key) this.remove(other);
    const bytes = byteLength(message.text);
    if (this.size >= this.#bounds.queueMessages) return false;
    if (this.#bytes + bytes > this.#bounds.queueBytes) return false;
    this.#messages.set(message, bytes);
    this.#bytes += bytes;
    return true;
  }

  remove(message: Outgoing): boolean {
    this.#bytes -= this.#messages.get(message) ?? 0;
    return this.#messages.delete(message);
  }

  /** Takes the oldest that is still worth sending. */
  shift(): Outgoing | undefined {
    this.#dropStale();
    const [first] = this.#messages.keys();
    if (first) this.remove(first);
    return first;
  }

  /** Takes everything. */
  clear(): Outgoing[] {
    this.#dropStale();
    const all = [...this.#messages.keys()];
    this.#messages.clear();
    this.#bytes = 0;
    return all;
  }

  #dropStale(): void {
    const now = this.#bounds.now();
    for (const message of this.#messages.keys())
      if (message.staleAt !== undefined && message.staleAt <= now) this.remove(message);
  }
}

// -------------------------------------------------------------------------------------------------
// Calls: which answer belongs to whom, and what becomes of a call when the connection breaks.

export interface CallOptions {
  /** ms until it ends with `timeout`. Default: the option `callTimeout`. */
  timeout?: number;
  /** Ends it with `aborted`, and tells the server to stop. */
  signal?: AbortSignal;
}

/**
 * After which breaks a call is sent again: `never` for the protocol's own, of which `:connect` says
 * what still holds; `resumed` where the server knows whether it ran; `always` where running it twice
 * does no harm.
 */
type Again = "never" | "resumed" | "always";

/** One call, from the moment it is made to its end. */
interface Call extends Outgoing {
  /** 0 until it is sent. */
  id: number;
  readonly again: Again;
  /** Gives the text as it goes out now, and takes the call for sent. */
  readonly stamp: () => string;
  /** Told the end: a `SocketError`, or the reply. Runs before the next message is looked at. */
  readonly end: (outcome: unknown) => void;
}

/** The calls that were sent and not answered, in the order in which they were sent. */
class Calls {
  readonly #inFlight = new Map<number, Call>();
  /** Given up here, while the server still owes an answer that nobody waits for. */
  readonly #abandoned = new Set<number>();
  #lastId = CONNECT_ID;

  /** Makes a call. `timeLeft`: ms after which the caller no longer wants the answer, asked when sent. */
  make(text: string, again: Again, end: Call["end"], timeLeft?: () => number): Call {
    const call: Call = {
      id: 0,
      text,
      again,
      end,
      stamp: () => {
        call.id ||= ++this.#lastId;
        this.#inFlight.set(call.id, call);
        return withFields(text, { id: call.id, timeout: timeLeft?.() });
      },
    };
    return call;
  }

  /** The caller no longer waits. An answer that still comes is no surprise. */
  abandon(call: Call): void {
    if (this.#inFlight.delete(call.id)) this.#abandoned.add(call.id);
  }

  /** Ends the call that an answer belongs to. `false`: there is none. */
  answer(re: number, outcome: unknown): boolean {
    const call = this.#inFlight.get(re);
    if (!call) return this.#abandoned.delete(re);
    this.#end(call, outcome);
    return true;
  }

  /** The connection broke. What cannot be sent again ends here. `kept`: the session may go on. */
  broken(kept: boolean): void {
    if (!kept) this.#abandoned.clear();
    for (const call of this.#inFlight.values()) {
      const mayGoOn = call.again === "always" || (kept && call.again === "resumed");
      if (!mayGoOn) this.#end(call, lostCall(true));
    }
  }

  /** What must be sent again: on a resumed session under the same id, and the server runs it once. */
  resend(resumed: boolean): Call[] {
    if (resumed) return [...this.#inFlight.values()];
    this.broken(false);
    const calls = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const call of calls) call.id = 0;
    return calls;
  }

  /** Ends everything in flight. */
  fail(): void {
    for (const call of this.#inFlight.values()) this.#end(call, lostCall(true));
  }

  #end(call: Call, outcome: unknown): void {
    this.#inFlight.delete(call.id);
    call.end(outcome);
  }
}

function lostCall(sent: boolean): SocketError {
  const message = sent ? "the connection broke before the answer came" : "the socket is closed";
  return new SocketError("disconnected", message, { sent });
}

function errorOf(error: unknown): SocketError {
  const code = textOf(field(error, "code"), "internal");
  return new SocketError(code, textOf(field(error, "message"), code), {
    data: field(error, "data"),
  });
}

function isCall(message: Outgoing): message is Call {
  return "end" in message;
}

// -------------------------------------------------------------------------------------------------
// Emitter: who wants to hear what. Handlers may do anything: throw, take themselves back, disconnect.

type Listener = (...args: never[]) => void;

class Emitter {
  readonly #handlers = new Map<string, Set<{ handler: Listener }>>();

  on(key: string, handler: Listener): Off {
    const set = this.#handlers.get(key) ?? new Set();
    this.#handlers.set(key, set);
    // Its own object, so that the same function given twice is two handlers with two ends.
    const entry = { handler };
    set.add(entry);
    const off = () => {
      set.delete(entry);
      if (set.size === 0 && this.#handlers.get(key) === set) this.#handlers.delete(key);
    };
    const { dispose } = Symbol as { readonly dispose?: symbol };
    return (dispose ? Object.assign(off, { [dispose]: off }) : off) as Off;
  }

  /** The handlers of now. One that is taken back while the others run is not called any more. */
  *of(key: string): Generator<Listener> {
    const set = this.#handlers.get(key);
    for (const entry of [...(set ?? [])]) if (set?.has(entry)) yield entry.handler;
  }
}

// -------------------------------------------------------------------------------------------------
// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.

interface Waits {
  readonly random: () => number;
  readonly maxDelay: number;
}

/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
function delayOf(settings: Waits, spread: number, attempt: number): number {
  return settings.random() * Math.min(settings.maxDelay, spread * 2 ** attempt);
}

/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
function endOf(closeCode: number): "upgrade-required" | "refused" | undefined {
  if (closeCode === 4526) return "upgrade-required";
  return closeCode >= 4500 ? "refused" : undefined;
}

// -------------------------------------------------------------------------------------------------
// Options: what the user may set, and every default, each with its unit and its meaning.

/** Every number that the client goes by. Those that the server announces replace the ones here. */
const DEFAULTS = {
  /** ms for token, URL, upgrade, `:connect` and its reply together. Then: lost, and back off. */
  connectTimeout: 10_000,
  /** ms until a call that has no answer ends with `timeout`. */
  callTimeout: 10_000,
  /** Messages that wait for the connection at most. Then: "dropped", or `queue-full`. */
  queueMessages: 1_000,
  /** Bytes that wait for the connection at most. Then: as above. */
  queueBytes: 1_048_576,
  /** Bytes that the WebSocket itself may hold back. Above: new messages wait in our queue. */
  bufferedBytes: 1_048_576,
  /** ms between two looks at a WebSocket that holds back too much. */
  bufferedPoll: 50,
  /** ms; the first delay is anywhere below it, and doubles with each attempt. Announced. */
  spread: 2_000,
  /** ms that no delay exceeds. */
  maxDelay: 20_000,
  /** ms that a connection must have lasted for the next delay to be a first one again. */
  stableAfter: 5_000,
  /** ms to wait at least after the server closed for too many messages (4429). */
  rateLimitDelay: 3_000,
  /** ms of silence after which the server sends something. Announced. */
  ping: 25_000,
  /** ms beyond `ping` after which the connection is taken for dead. Announced. */
  timeout: 10_000,
  /** ms for a sign of life after the page woke up. */
  wakeTimeout: 2_500,
  /** ms before the token runs out at which a new one is asked for. */
  refreshAhead: 30_000,
  /** Messages per second, and at once, when the queue is sent. Announced. */
  rate: 50,
  burst: 100,
} as const;

/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER: number = 2 ** 31 - 1;

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

export interface Options<P extends ProtocolShape<P>> {
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

/** The options with every default filled in. */
type Settings<P extends ProtocolShape<P>> = Options<P> &
  typeof FALLBACKS & { -readonly [K in keyof typeof DEFAULTS]: number };

const FALLBACKS = {
  now: (): number => Date.now(),
  random: (): number => Math.random(),
  onError(source: ErrorSource, message: string, error: SocketError): void {
    // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
    if (source !== "connection") console.error(`socket: ${source}: ${message}`, error);
  },
};

function settle<P extends ProtocolShape<P>>(options: Options<P>): Settings<P> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...FALLBACKS, ...DEFAULTS, ...Object.fromEntries(given) } as unknown as Settings<P>;
}

/** The absolute WebSocket address of what `url` gives. Throws where it gives none. */
function addressOf(url: string | URL): string {
  // Not every place has a location: a server renders without one, and takes absolute addresses only.
  const address = new URL(url, (globalThis as { location?: { href: string } }).location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.hash = "";
  return address.href;
}

// -------------------------------------------------------------------------------------------------
// Connection: one WebSocket from the first token to its end. When it has ended nothing of it is heard
// any more, whatever the WebSocket still does.

/** How a connection ended, if not by us. */
interface Loss {
  readonly message: string;
  /** The code of the close frame, where one came. */
  readonly closeCode?: number;
  /** Coming back would end in the same way. */
  readonly final?: "unauthorized" | "unusable";
}

/** The parts of the settings that a connection goes by. */
type ConnectionSettings = Pick<
  Settings<AnyProtocol>,
  "url" | "token" | "debug" | "WebSocket" | "connectTimeout" | "wakeTimeout" | "now"
>;

/** The global scope, of which neither browser nor Node is assumed. */
interface Host {
  readonly WebSocket?: WebSocketClass;
}

interface ConnectionHooks {
  /** Gives the first frame. */
  readonly hello: (token: string | undefined) => string;
  readonly frame: (data: unknown) => void;
  readonly lost: (loss: Loss) => void;
}

class Connection {
  readonly #settings: ConnectionSettings;
  readonly #hooks: ConnectionHooks;
  #socket: WebSocketLike | undefined;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is given up, by the wall clock: a page that slept finds it passed. */
  #deadline: number;
  /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
  #silence = 0;

  constructor(settings: ConnectionSettings, expired: boolean, hooks: ConnectionHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#deadline = settings.now() + settings.connectTimeout;
    this.#watch();
    this.#dial(expired).catch((error: unknown) => {
      // A provider that rejects is a break like any other.
      this.#lose({ message: `no url or token: ${String(error)}` });
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that the WebSocket holds back. */
  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    this.#trace("->", text);
    this.#socket?.send(text);
  }

  /** From the welcome on: a connection that says nothing for this long is dead. */
  expectFrames(silence: number): void {
    this.#silence = silence;
    this.#deadline = this.#settings.now() + silence;
    this.#watch();
  }

  /** The page woke up: what is dead is given up now, and what is silent soon. */
  probe(): void {
    this.#watch();
    const soon = this.#settings.now() + this.#settings.wakeTimeout;
    // Several events tell of one awakening: one question is enough.
    if (this.#ended || !this.#silence || this.#deadline <= soon) return;
    this.send(encode(":ping", undefined, undefined));
    this.#deadline = soon;
    this.#watch();
  }

  /** Ends it from our side. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
  end(closeCode?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket) return;
    // `error` keeps a handler: some implementations throw an error that nobody listens to.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    socket.close(closeCode);
  }

  #lose(loss: Loss): void {
    if (this.#ended) return;
    this.end();
    this.#hooks.lost(loss);
  }

  async #dial(expired: boolean): Promise<void> {
    const { url, token } = this.#settings;
    const [where, secret] = await Promise.all([
      typeof url === "function" ? url() : url,
      token?.({ expired }),
    ]);
    if (this.#ended) return;
    if (secret === null) return this.#lose({ message: "there is no token", final: "unauthorized" });
    const Class = this.#settings.WebSocket ?? (globalThis as Host).WebSocket;
    if (!Class) {
      const message = "there is no WebSocket here: give one as the option `WebSocket`";
      return this.#lose({ message, final: "unusable" });
    }
    let socket: WebSocketLike;
    try {
      socket = new Class(addressOf(where), SUBPROTOCOL);
    } catch (error) {
      return this.#lose({ message: `not a usable url: ${String(error)}`, final: "unusable" });
    }
    this.#socket = socket;
    socket.onopen = () => this.send(this.#hooks.hello(secret));
    socket.onmessage = (event: { data: unknown }) => {
      this.#trace("<-", event.data);
      if (this.#silence) this.#deadline = this.#settings.now() + this.#silence;
      this.#hooks.frame(event.data);
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      const message = event.reason || `the connection was closed with ${event.code}`;
      this.#lose({ message, closeCode: event.code });
    };
    // Never fatal by itself: a close follows, and tells more.
    socket.onerror = () => {};
  }

  /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
  #watch(): void {
    clearTimeout(this.#timer);
    const now = this.#settings.now();
    // A clock that was set back must not make a dead connection live longer.
    this.#deadline = Math.min(
      this.#deadline,
      now + (this.#silence || this.#settings.connectTimeout),
    );
    const left = this.#deadline - now;
    if (left > 0) this.#timer = setTimeout(() => this.#watch(), left);
    else this.#lose({ message: this.#silence ? "no sign of life" : "connecting took too long" });
  }

  #trace(direction: "->" | "<-", frame: unknown): void {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (this.#settings.debug) console.debug(direction, frame);
  }
}

// -------------------------------------------------------------------------------------------------
// Wake: the moments at which a page may find its connection dead: it slept, was away, or was offline.

/** A page's window or document, or a worker's scope. Elsewhere nothing of it is there. */
interface Place {
  readonly addEventListener?: (type: string, listener: () => void) => void;
  readonly removeEventListener?: (type: string, listener: () => void) => void;
  readonly visibilityState?: string;
  readonly document?: Place;
}

/** Calls `wake` at each of them, until taken back. A page that goes away is not one that wakes up. */
function onWake(wake: () => void): () => void {
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
   * - `upgrade-required`: the server no longer speaks this version of the protocol.
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
  readonly closeCode?: number;
}

// -------------------------------------------------------------------------------------------------
// Lifecycle: when there is a connection, when there is the next one, and when there is none any more.

interface LifecycleHooks {
  /** Gives the first frame. */
  readonly hello: (token: string | undefined, session: string | undefined) => string;
  readonly frame: (data: unknown) => void;
  /** The server let us in: the state says so already, and nobody was told yet. */
  readonly welcomed: (connection: Connection, welcome: unknown) => void;
  /** There is no connection any more. `kept`: the server may still know the session. */
  readonly gone: (kept: boolean) => void;
  /** There will be none. */
  readonly closed: () => void;
  readonly changed: (state: State) => void;
  readonly report: (source: ErrorSource, message: string) => void;
  readonly refresh: (token: string, end: (outcome: unknown) => void) => void;
}

class Lifecycle {
  readonly #settings: Settings<AnyProtocol>;
  readonly #hooks: LifecycleHooks;
  #state: State = Object.freeze({ status: "idle" });
  #connection: Connection | undefined;
  /** The next attempt, or the move to another server that `:drain` asked for. */
  #retry: ReturnType<typeof setTimeout> | undefined;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  /** Stops watching for the page to wake up. */
  #unwatch: (() => void) | undefined;
  #attempt = 0;
  #refusals = 0;
  #openedAt = Number.POSITIVE_INFINITY;
  /** When `:drain` wants us elsewhere; 0 for not at all. */
  #drainAt = 0;
  #spread: number;
  /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
  #session: string | undefined;

  constructor(settings: Settings<AnyProtocol>, hooks: LifecycleHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#spread = settings.spread;
  }

  get state(): State {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.status === "open";
  }

  /** The present connection. Another one, or none, after a callback: what it was about is gone. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  connect(): void {
    const { status } = this.#state;
    if (status === "connecting" || status === "open") return;
    if (status !== "waiting") this.#attempt = this.#refusals = 0;
    this.#dial();
  }

  /** The page woke up. What the user closed stays closed. */
  #wake(): void {
    this.#connection?.probe();
    const state = this.#state;
    if (state.status !== "waiting") return;
    // The network may be back. A server that closed by itself had its reason: its delay holds.
    const { closeCode = 1006 } = state.cause;
    if (closeCode === 1006 || state.retryAt <= this.#settings.now()) this.#dial();
  }

  /** Stays away until `connect()`. */
  close(cause: Cause, closeCode?: number): void {
    if (this.#state.status === "closed") return;
    this.#session = undefined;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#hangUp({ status: "closed", cause }, closeCode);
    this.#hooks.closed();
    if (cause.kind !== "user") this.#hooks.report("connection", cause.message);
    this.#hooks.changed(this.#state);
  }

  /** The answer to `:connect`. */
  welcome(welcome: unknown): void {
    const connection = this.#connection;
    const id = field(welcome, "connection");
    if (!connection || this.isOpen || typeof id !== "string") {
      return this.#hooks.report("message", "a welcome that is none");
    }
    const { now, ping, timeout, spread } = this.#settings;
    const [user, session] = [field(welcome, "user"), field(welcome, "session")];
    this.#session = typeof session === "string" ? session : undefined;
    this.#spread = numberOf(field(welcome, "spread"), spread);
    this.#refusals = 0;
    this.#openedAt = now();
    const silence =
      numberOf(field(welcome, "ping"), ping) + numberOf(field(welcome, "timeout"), timeout);
    connection.expectFrames(silence);
    this.#refreshBefore(field(welcome, "expires"));
    const who = isFields(user)
      ? { id: textOf(user["id"], ""), name: textOf(user["name"], "") }
      : null;
    this.#state = Object.freeze({ status: "open", id, user: who });
    this.#hooks.welcomed(connection, welcome);
    this.#hooks.changed(this.#state);
  }

  /** The other answer to `:connect`. The close that follows is not waited for. */
  refused(error: SocketError): void {
    const { code, message } = error;
    const closeCode = code === "unauthorized" ? 4401 : code === "upgrade-required" ? 4526 : 0;
    this.#lost({ message, closeCode });
  }

  /** The server goes away, and names the window in which to be elsewhere, in ms from now. */
  drain(after: unknown): void {
    const [min, max] = Array.isArray(after) ? after.map((ms) => numberOf(ms, 0)) : [];
    const { now, random } = this.#settings;
    const delay = (min ?? 0) + random() * Math.max(0, (max ?? this.#spread) - (min ?? 0));
    this.#drainAt = now() + delay;
    clearTimeout(this.#retry);
    const move = () => this.#lost({ message: "the server goes away" });
    this.#retry = setTimeout(move, Math.min(delay, MAX_TIMER));
  }

  /** Asks for a new token and hands it in, on the connection that is open. */
  async refresh(): Promise<void> {
    const connection = this.#connection;
    try {
      const token = await this.#settings.token?.({ expired: true });
      if (!connection || connection.ended || token === undefined) return;
      if (token === null) {
        return this.close({ kind: "unauthorized", message: "there is no token" }, 1000);
      }
      this.#hooks.refresh(token, (answer) => {
        if (!(answer instanceof SocketError)) this.#refreshBefore(field(answer, "expires"));
        else if (!connection.ended) this.#hooks.report("connection", answer.message);
      });
    } catch (error) {
      // The old token may still be good. Once it is not, the server closes with 4401.
      if (!connection?.ended) this.#hooks.report("connection", `no new token: ${String(error)}`);
    }
  }

  #refreshBefore(expires: unknown): void {
    clearTimeout(this.#refresh);
    if (typeof expires !== "number" || !this.#settings.token) return;
    // A short-lived token is renewed at half its life.
    const delay = Math.max(expires - this.#settings.refreshAhead, expires / 2);
    this.#refresh = setTimeout(() => this.refresh(), Math.min(delay, MAX_TIMER));
  }

  #dial(): void {
    clearTimeout(this.#retry);
    this.#unwatch ??= onWake(() => this.#wake());
    this.#drainAt = 0;
    this.#connection = new Connection(this.#settings, this.#refusals > 0, {
      hello: (token) => this.#hooks.hello(token, this.#session),
      frame: this.#hooks.frame,
      lost: (loss) => this.#lost(loss),
    });
    this.#state = Object.freeze({ status: "connecting", attempt: this.#attempt });
    this.#hooks.changed(this.#state);
  }

  #lost(loss: Loss): void {
    const { message, closeCode = 0, final } = loss;
    const cause = closeCode ? { message, closeCode } : { message };
    if (closeCode === 4401) this.#refusals++;
    const kind = final ?? (this.#refusals > 1 ? "unauthorized" : endOf(closeCode));
    if (kind) return this.close({ kind, ...cause });
    const now = this.#settings.now();
    if (now - this.#openedAt >= this.#settings.stableAfter) this.#attempt = 0;
    let delay = delayOf(this.#settings, this.#spread, this.#attempt++);
    if (closeCode === 4429) delay = Math.max(delay, this.#settings.rateLimitDelay);
    if (this.#drainAt) delay = Math.max(0, this.#drainAt - now);
    this.#hangUp({
      status: "waiting",
      attempt: this.#attempt,
      retryAt: now + delay,
      cause: { kind: "lost", ...cause },
    });
    this.#retry = setTimeout(() => this.#dial(), delay);
    this.#hooks.report("connection", message);
    this.#hooks.changed(this.#state);
  }

  #hangUp(state: State, closeCode?: number): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#refresh);
    this.#connection?.end(closeCode);
    this.#connection = undefined;
    this.#openedAt = Number.POSITIVE_INFINITY;
    this.#state = Object.freeze(state);
    this.#hooks.gone(this.#session !== undefined);
  }

  /** Answers a sign of life of the server. */
  pong(): void {
    this.#connection?.send(encode(":pong", undefined, undefined));
  }
}

// -------------------------------------------------------------------------------------------------
// Memberships: the channels that this client wants to be in, and what the server says of it. Wishes
// outlive connections: each `:connect` names them all.

/** What the server says of a channel that was joined. */
export interface JoinResult {
  /** Whether what was published meanwhile follows. Absent where the channel says nothing of it. */
  readonly recovery?: "fresh" | "complete" | "gap" | "none";
  /** What the server's join decision adds. */
  readonly data?: unknown;
}

interface Membership {
  /** Who wants it here. */
  readonly holders: Set<object>;
  /** The server put this connection in: kept like a wish of our own. */
  byServer: boolean;
  status: "out" | "asked" | "in";
  result: JoinResult;
  /** Told the outcome: a `SocketError`, or the result. */
  waiters: ((outcome: JoinResult | SocketError) => void)[];
}

interface MembershipHooks {
  readonly isOpen: () => boolean;
  readonly ask: (cmd: ":join" | ":leave", channel: string, end: (outcome: unknown) => void) => void;
  /** A channel was lost, or never reached. `awaited`: a promise says so too. */
  readonly lost: (channel: string, error: SocketError, awaited: boolean) => void;
}

class Memberships {
  readonly #all = new Map<string, Membership>();
  readonly #hooks: MembershipHooks;

  constructor(hooks: MembershipHooks) {
    this.#hooks = hooks;
  }

  /** Counted by holder: a second join of the same one changes nothing. */
  join(channel: string, holder: object): Promise<JoinResult> {
    const member = this.#get(channel);
    member.holders.add(holder);
    return new Promise((resolve, reject) => {
      member.waiters.push((outcome) => {
        if (outcome instanceof SocketError) reject(outcome);
        else resolve(outcome);
      });
      if (member.status === "in") tell(member, member.result);
      else this.#reconcile(channel, member);
    });
  }

  leave(channel: string, holder: object): void {
    const member = this.#all.get(channel);
    if (!member) return;
    member.holders.delete(holder);
    // At the end of the task, so that leaving and joining again at once cancel out: frameworks take a
    // component down and put it up again, and the server need not hear of it.
    setTimeout(() => {
      if (member.holders.size > 0) return;
      member.byServer = false;
      tell(member, new SocketError("aborted", "left before it was joined"));
      this.#reconcile(channel, member);
    });
  }

  /** What `:connect` says of channels. */
  request(): Fields {
    const wanted = [...this.#all].filter(([, member]) => isWanted(member));
    for (const [, member] of wanted) member.status = "asked";
    return Object.fromEntries(wanted.map(([channel]) => [channel, {}]));
  }

  /** What the answer to `:connect` says of them. */
  welcome(results: unknown): void {
    for (const [channel, result] of Object.entries(isFields(results) ? results : {})) {
      const error = field(result, "error");
      if (error === undefined) this.joined(channel, result);
      else this.closed(channel, errorOf(error));
    }
    for (const [channel, member] of this.#all) {
      // Asked for after `:connect` was written, or not spoken of in the answer.
      if (member.status === "asked") member.status = "out";
      this.#reconcile(channel, member);
    }
  }

  /** The server says that this connection is in. */
  joined(channel: string, result: unknown): void {
    // Names that begin with a colon are everybody's, and nobody joins or leaves them.
    if (channel.startsWith(":")) return;
    const member = this.#get(channel);
    if (member.status === "out") member.byServer = true;
    this.#enter(channel, member, result);
  }

  /** The server says that this connection is not in, and why. */
  closed(channel: string, error: SocketError): void {
    const member = this.#all.get(channel);
    if (!member) return;
    this.#all.delete(channel);
    const awaited = member.waiters.length > 0;
    tell(member, error);
    this.#hooks.lost(channel, error, awaited);
  }

  /** The connection is gone; the wishes stay. */
  broken(): void {
    for (const [channel, member] of this.#all) {
      member.status = "out";
      this.#reconcile(channel, member);
    }
  }

  /** No connection will come: what is waited for will not happen. The wishes stay. */
  fail(): void {
    for (const member of this.#all.values()) tell(member, lostCall(false));
  }

  #get(channel: string): Membership {
    const known = this.#all.get(channel);
    if (known) return known;
    const fresh: Membership = {
      holders: new Set(),
      byServer: false,
      status: "out",
      result: {},
      waiters: [],
    };
    this.#all.set(channel, fresh);
    return fresh;
  }

  #enter(channel: string, member: Membership, result: unknown): void {
    member.status = "in";
    member.result = isFields(result) ? result : {};
    tell(member, member.result);
    this.#reconcile(channel, member);
  }

  /** Asks for what differs between wish and fact. An answer that is still to come is waited for. */
  #reconcile(channel: string, member: Membership): void {
    if (this.#all.get(channel) !== member || member.status === "asked") return;
    const open = this.#hooks.isOpen();
    if (!isWanted(member)) {
      this.#all.delete(channel);
      // Leaving what one is not in is a success too: no answer to it matters.
      if (open && member.status === "in") this.#hooks.ask(":leave", channel, () => {});
    } else if (open && member.status === "out") {
      member.status = "asked";
      this.#hooks.ask(":join", channel, (outcome) => {
        // It may have been lost, or left, meanwhile. After a break the next `:connect` asks again.
        if (this.#all.get(channel) !== member || member.status !== "asked") return;
        if (!(outcome instanceof SocketError)) this.#enter(channel, member, outcome);
        else if (outcome.code !== "disconnected") this.closed(channel, outcome);
      });
    }
  }
}

function tell(member: Membership, outcome: JoinResult | SocketError): void {
  for (const waiter of member.waiters.splice(0)) waiter(outcome);
}

function isWanted(member: Membership): boolean {
  return member.byServer || member.holders.size > 0;
}

// -------------------------------------------------------------------------------------------------
// Outbox: the way out. Straight to the connection while nothing waits; else behind what waits, at the
// pace that the server allows.

interface Bounds extends QueueBounds {
  readonly bufferedBytes: number;
  readonly bufferedPoll: number;
}

/** Messages per second, and at once. */
interface Pace {
  readonly rate: number;
  readonly burst: number;
}

class Outbox {
  readonly #bounds: Bounds;
  readonly #queue: Queue;
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pace: Pace = { rate: 1, burst: 1 };
  /** What may go out at once, refilled as time passes. */
  #tokens = 0;
  #refilledAt = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#queue = new Queue(bounds);
  }

  /** `now`: or not at all. */
  put(message: Outgoing, now?: boolean): SendResult {
    if (this.#queue.size === 0 && this.#isReady) {
      this.#send(message);
      return "sent";
    }
    if (now || !this.#queue.add(message)) return "dropped";
    this.#flush();
    return "queued";
  }

  /** Takes a message back that still waits. */
  remove(message: Outgoing): boolean {
    return this.#queue.remove(message);
  }

  /** A connection is there: `first` goes out before what waits. */
  open(connection: Connection, first: readonly Outgoing[], pace: Pace): void {
    this.#connection = connection;
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#refilledAt = this.#bounds.now();
    for (const message of first) this.#send(message);
    this.#flush();
  }

  /** There is no connection: everything waits. */
  hold(): void {
    this.#connection = undefined;
    clearTimeout(this.#timer);
  }

  /** Takes back all that waits. */
  clear(): Outgoing[] {
    return this.#queue.clear();
  }

  get #isReady(): boolean {
    return (
      this.#connection !== undefined && this.#connection.buffered <= this.#bounds.bufferedBytes
    );
  }

  #send(message: Outgoing): void {
    this.#refill();
    this.#tokens = Math.max(0, this.#tokens - 1);
    this.#connection?.send(message.stamp?.() ?? message.text);
  }

  #refill(): void {
    const now = this.#bounds.now();
    const more = (Math.max(0, now - this.#refilledAt) * this.#pace.rate) / 1000;
    this.#tokens = Math.min(this.#pace.burst, this.#tokens + more);
    this.#refilledAt = now;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (!this.#connection) return;
    this.#refill();
    while (this.#tokens >= 1 && this.#isReady) {
      const message = this.#queue.shift();
      if (!message) return;
      this.#send(message);
    }
    if (this.#queue.size === 0) return;
    const wait = this.#isReady
      ? Math.ceil(((1 - this.#tokens) * 1000) / this.#pace.rate)
      : this.#bounds.bufferedPoll;
    this.#timer = setTimeout(() => this.#flush(), wait);
  }
}

// -------------------------------------------------------------------------------------------------
// Room: one holder of one channel, what `socket.channel` gives.

class Room {
  readonly name: string;
  readonly #client: Client;

  constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
  }

  join(): Promise<JoinResult> {
    return this.#client.memberships.join(this.name, this);
  }

  leave(): void {
    this.#client.memberships.leave(this.name, this);
  }

  members(options: CallOptions & { after?: string; limit?: number } = {}): Promise<unknown> {
    const { after, limit, ...rest } = options;
    return this.#client.call(this.#command(":members", { after, limit }), rest);
  }

  on(event: string, handler: AnyHandler): Off {
    // No channel's name holds a space, so the key is its own.
    return this.#client.on(`${event} ${this.name}`, handler);
  }

  onClosed(handler: (error: SocketError) => void): Off {
    return this.#client.emitter.on(`:closed ${this.name}`, handler);
  }

  send(cmd: string, param?: unknown, options?: SendOptions): SendResult {
    return this.#client.send(this.#command(cmd, param), options);
  }

  call(cmd: string, param?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#client.call(this.#command(cmd, param), options);
  }

  tryCall(
    cmd: string,
    param?: unknown,
    options?: CallOptions,
  ): Promise<Result<unknown, SocketError>> {
    return this.#client.tryCall(this.#command(cmd, param), options);
  }

  #command(cmd: string, param: unknown): AnyCommand {
    return { cmd, channel: this.name, param };
  }
}

// -------------------------------------------------------------------------------------------------
// Client: joins the parts. It knows names and no types; state comes first and callbacks last, because
// a handler may do anything, disconnecting included.

type AnyCommand = { cmd: string; channel?: string; param?: unknown };
type AnyHandler = (param: unknown, message: EventMessage<string, unknown>) => void;

class Client {
  readonly emitter: Emitter = new Emitter();
  readonly memberships: Memberships;
  readonly #settings: Settings<AnyProtocol>;
  readonly #descriptor: Descriptor;
  readonly #events: ReadonlySet<string>;
  readonly #calls = new Calls();
  readonly #outbox: Outbox;
  readonly #life: Lifecycle;
  /** Bytes of the largest message that the server takes. */
  #maxMessage = Number.POSITIVE_INFINITY;

  constructor(descriptor: Descriptor, options: Options<AnyProtocol>) {
    this.#settings = settle(options);
    this.#descriptor = descriptor;
    this.#events = new Set([...descriptor.events, "online-update", "presence-update"]);
    this.#outbox = new Outbox(this.#settings);
    this.memberships = new Memberships({
      isOpen: () => this.#life.isOpen,
      ask: (cmd, channel, end) => this.#ask(cmd, channel, undefined, end),
      lost: (channel, error, awaited) => {
        if (this.#emit(`:closed ${channel}`, error) || awaited) return;
        this.#report("channel", `${channel}: ${error.message}`, error);
      },
    });
    this.#life = new Lifecycle(this.#settings, {
      hello: (token, session) => this.#hello(token, session),
      frame: (data) => this.#frame(data),
      welcomed: (connection, welcome) => {
        const { rate, burst } = this.#settings;
        const limits = field(welcome, "limits");
        this.#maxMessage = numberOf(field(limits, "message"), Number.POSITIVE_INFINITY);
        this.#outbox.open(connection, this.#calls.resend(field(welcome, "resumed") === true), {
          rate: numberOf(field(limits, "rate"), rate) || rate,
          burst: numberOf(field(limits, "burst"), burst) || burst,
        });
        this.memberships.welcome(field(welcome, "channels"));
      },
      gone: (kept) => {
        this.#outbox.hold();
        this.#calls.broken(kept);
        this.memberships.broken();
      },
      closed: () => {
        const waiting = this.#outbox.clear();
        const unsent = waiting.filter((message) => !isCall(message));
        for (const call of waiting.filter(isCall)) call.end(lostCall(false));
        this.#calls.fail();
        this.memberships.fail();
        if (unsent.length > 0)
          this.#report("queue", `${unsent.length} messages that waited were not sent`);
      },
      changed: (state) => {
        this.#emit(":state", state);
        // A listener may have disconnected.
        if (state.status === "open" && this.state === state) this.#run(options.onOpen);
      },
      report: (source, message) => this.#report(source, message),
      refresh: (token, end) => this.#ask(":refresh", undefined, { token }, end),
    });
    if (options.connect !== false) this.connect();
  }

  get state(): State {
    return this.#life.state;
  }

  subscribe(listener: (state: State) => void): Off {
    return this.emitter.on(":state", listener);
  }

  connect(): void {
    this.#life.connect();
  }

  disconnect(): void {
    this.#life.close({ kind: "user", message: "disconnect() was called" }, 1000);
  }

  send({ cmd, channel, param }: AnyCommand, options: SendOptions = {}): SendResult {
    const text = encode(cmd, channel, param, this.#descriptor.codec);
    if (this.state.status === "closed" || this.#isTooLarge(text)) return "dropped";
    const { key, ttl, volatile } = options;
    const message = {
      text,
      key: key === undefined ? key : JSON.stringify([cmd, channel, key]),
      staleAt: ttl === undefined ? ttl : this.#settings.now() + ttl,
    };
    return this.#outbox.put(message, volatile);
  }

  call(message: AnyCommand, options: CallOptions = {}): Promise<unknown> {
    const { cmd, channel, param } = message;
    const { signal } = options;
    const timeout = Math.min(options.timeout ?? this.#settings.callTimeout, MAX_TIMER);
    const { now } = this.#settings;
    return new Promise((resolve, reject) => {
      const text = encode(cmd, channel, param, this.#descriptor.codec);
      const harmless = cmd === ":members" || this.#descriptor.idempotent.includes(cmd);
      const deadline = now() + timeout;
      const end = (outcome: unknown) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        const failed = outcome instanceof SocketError;
        const revived = revive(this.#descriptor.codec, failed ? "error" : "reply", cmd, outcome);
        if (revived instanceof SocketError) reject(revived);
        else resolve(revived);
      };
      const timeLeft = () => Math.max(1, Math.ceil(deadline - now()));
      const call = this.#calls.make(text, harmless ? "always" : "resumed", end, timeLeft);
      const giveUp = () => {
        this.#calls.abandon(call);
        return this.#outbox.remove(call);
      };
      const abort = () => {
        // The server counts a time-out itself; an abort is news to it.
        if (!giveUp() && call.id && this.#life.isOpen) {
          this.#life.connection?.send(encode(":cancel", undefined, { id: call.id }));
        }
        end(new SocketError("aborted", "the call was aborted", { cause: signal?.reason }));
      };
      const timer = setTimeout(() => {
        giveUp();
        end(new SocketError("timeout", `no answer in ${timeout} ms`));
      }, timeout);
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else if (this.state.status === "closed") end(lostCall(false));
      else if (this.#isTooLarge(text)) {
        end(
          new SocketError("too-large", "over the server's limit", {
            data: { limit: this.#maxMessage },
          }),
        );
      } else if (this.#outbox.put(call) === "dropped") {
        end(new SocketError("queue-full", "too much waits for the connection already"));
      }
    });
  }

  tryCall(message: AnyCommand, options?: CallOptions): Promise<Result<unknown, SocketError>> {
    return this.call(message, options).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => {
        if (error instanceof SocketError) return { ok: false, error };
        throw error;
      },
    );
  }

  on(event: string, handler: AnyHandler): Off {
    return this.emitter.on(event, handler);
  }

  channel(name: string): Room {
    return new Room(name, this);
  }

  /** A command of the protocol's own. It goes ahead of the queue, which may depend on it. */
  #ask(cmd: string, channel: string | undefined, param: unknown, end: Call["end"]): void {
    const call = this.#calls.make(encode(cmd, channel, param), "never", end);
    this.#life.connection?.send(call.stamp());
  }

  #isTooLarge(text: string): boolean {
    // A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting.
    return text.length * 3 > this.#maxMessage && byteLength(text) > this.#maxMessage;
  }

  #hello(token: string | undefined, session: string | undefined): string {
    const { name, fingerprint } = this.#descriptor;
    const channels = this.memberships.request();
    const param = { token, session, protocol: { name, fingerprint }, channels };
    return withFields(encode(":connect", undefined, param), { id: CONNECT_ID });
  }

  #frame(data: unknown): void {
    const { connection } = this.#life;
    for (const incoming of decode(data, this.#descriptor.codec)) {
      this.#take(incoming);
      if (this.#life.connection !== connection) return;
    }
  }

  #take(incoming: Incoming): void {
    if (incoming.kind === "bad")
      return this.#report("message", `the server sent ${incoming.reason}`);
    if (incoming.kind === "event") return this.#event(incoming.channel, incoming.event);
    const outcome = incoming.kind === "reply" ? incoming.param : errorOf(incoming.error);
    if (incoming.re === CONNECT_ID) {
      if (outcome instanceof SocketError) this.#life.refused(outcome);
      else this.#life.welcome(outcome);
    } else if (!this.#calls.answer(incoming.re, outcome)) {
      this.#report("message", `the server answered ${incoming.re}, which nobody asked`);
    }
  }

  #event(channel: string, event: EventMessage<string, unknown>): void {
    const { cmd, param } = event;
    switch (cmd) {
      case ":ping":
        return this.#life.pong();
      case ":pong":
        return;
      case ":error": {
        const error = errorOf(param);
        return this.#report("server", error.message, error);
      }
      case ":refresh":
        void this.#life.refresh();
        return;
      case ":joined":
        return this.memberships.joined(channel, param);
      case ":closed":
        return this.memberships.closed(channel, errorOf(field(param, "reason")));
      case ":drain":
        return this.#life.drain(field(param, "after"));
      case "close-connection":
        return this.#life.close({ kind: "asked", message: "the server asked to close" }, 1000);
    }
    if (!this.#events.has(cmd)) return this.#unknown(event);
    const { connection } = this.#life;
    for (const key of channel ? [cmd, `${cmd} ${channel}`] : [cmd]) {
      for (const handler of this.emitter.of(key)) {
        this.#run(handler as AnyHandler, param, event);
        if (this.#life.connection !== connection) return;
      }
    }
    if (!this.#descriptor.events.includes(cmd)) return;
    this.#emit(":message", event);
    this.#run(this.#settings.onMessage, event);
  }

  #unknown(event: EventMessage<string, unknown>): void {
    const { onUnknown } = this.#settings;
    if (onUnknown) this.#run(onUnknown, event);
    else this.#report("message", `an event that this client does not know: ${event.cmd}`);
  }

  /** `false`: nobody listens. */
  #emit(key: string, value: unknown): boolean {
    let heard = false;
    for (const handler of this.emitter.of(key)) {
      heard = true;
      this.#run(handler as (value: unknown) => void, value);
    }
    return heard;
  }

  /** Runs a function of the user's. What it throws stops nothing here. */
  #run<Args extends unknown[]>(run: ((...args: Args) => void) | undefined, ...args: Args): void {
    try {
      run?.(...args);
    } catch (error) {
      this.#report("handler", String(error), error);
    }
  }

  #report(source: ErrorSource, message: string, cause?: unknown): void {
    const code = source === "connection" ? "disconnected" : source;
    const error = cause instanceof SocketError ? cause : new SocketError(code, message, { cause });
    try {
      this.#settings.onError(source, message, error);
    } catch (thrown) {
      // Nobody is left to tell but the host, which shows what is thrown outside of everything.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}

// -------------------------------------------------------------------------------------------------
// Socket: what users hold. Its implementation is `Client`, which knows names but no types; `define`
// puts the two together for one protocol.

/** A connection that comes back by itself, typed by the protocol `P`. */
export interface Socket<P extends ProtocolShape<P>> {
  /** What it is doing now. A new value for every change; never changed in place. */
  readonly state: State;
  /** Tells of every new state, until taken back. */
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
  /** Who is in it, page by page: pass `next` as `after`. */
  members(options?: CallOptions & { after?: string; limit?: number }): Promise<MemberPage>;
  on<K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents>(
    event: K,
    handler: Handler<K, EventsOf<P>[K]>,
  ): Off;
  /** Told when the server took this connection out, or did not let it in again after a break. */
  onClosed(handler: (error: SocketError) => void): Off;
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

type Positional = [
  debug: boolean,
  onOpen: () => void,
  onMessage: (message: Message<AnyProtocol>) => void,
  onError: (source: ErrorSource, message: string, error: SocketError) => void,
  url: string,
];

/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define<P extends ProtocolShape<P>>(descriptor: Descriptor): SocketClass<P> {
  class Socket extends Client {
    constructor(...args: [Options<AnyProtocol>] | Positional) {
      if (args.length === 1) {
        super(descriptor, args[0]);
        return;
      }
      const [debug, onOpen, onMessage, onError, url] = args;
      super(descriptor, { debug, onOpen, onMessage, onError, url });
    }
  }
  // The client knows no types: from here on the protocol's own stand for it.
  return Socket as unknown as SocketClass<P>;
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

/** What of a socket is needed here, without its types. */
interface Source<Event> {
  on(key: ":message", handler: (message: Event) => void): Off;
  subscribe(listener: (state: State) => void): Off;
}

/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages<P extends ProtocolShape<P>>(
  socket: Socket<P>,
  { channel, signal, max = 1_000 }: MessagesOptions = {},
): AsyncIterableIterator<Message<P>> {
  const source = socket as unknown as Source<Message<P>>;
  const unread: Message<P>[] = [];
  let error: SocketError | undefined;
  let ended = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  const end = () => {
    ended = true;
    off();
    offState();
    signal?.removeEventListener("abort", end);
    wake();
  };
  const off = source.on(":message", (message) => {
    if (channel !== undefined && message.channel !== channel) return;
    if (unread.length < max) unread.push(message);
    else {
      error = new SocketError("too-many", `${max} messages wait to be read`, {
        data: { limit: max },
      });
      end();
    }
    wake();
  });
  const offState = source.subscribe(({ status }) => {
    if (status === "closed") end();
  });
  signal?.addEventListener("abort", end);
  if (signal?.aborted || socket.state.status === "closed") end();
  return {
    async next() {
      while (unread.length === 0 && !ended) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const value = unread.shift();
      if (value) return { done: false, value };
      // Told once, after all that was still in order.
      const failed = error;
      error = undefined;
      if (failed) throw failed;
      return { done: true, value: undefined };
    },
    return() {
      unread.length = 0;
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
