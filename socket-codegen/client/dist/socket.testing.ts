// Testing: a server for the tests of your program, in the same process and without a network. Typed by the
// protocol from its other side: it takes what the client sends, and sends what the client takes. It waits
// for no timer, so fake ones need not be advanced for it.

import type {
  BuiltinError,
  ChannelName,
  Empty,
  EventsOf,
  ItemOf,
  JoinResult,
  Options as SocketOptions,
  ProtocolShape,
  Socket,
  SocketClass,
  User,
  WebSocketClass,
  WebSocketLike,
} from "./socket.js";

// Fallbacks: the numbers of a welcome that leaves them out, in ms. The server for tests announces the same.

/** The silence after which the server pings. */
const PING = 25_000;

/** How long the answer to a ping may take. */
const PING_TIMEOUT = 10_000;

// A connection of the mock server, and what goes over it.

type Fields = { readonly [name: string]: unknown };

/** One connection, as its client sees it. */
class MockConnection implements WebSocketLike {
  readonly bufferedAmount = 0;
  /** Tests say themselves when time passes, and see at once what they send. */
  readonly inTurn = true;
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly channels: Set<string> = new Set();
  /** The calls that are being answered, by id, and what stops the stream of one. */
  readonly running: Map<unknown, () => void> = new Map();
  /** The client was let in: then it has a name, and may be somebody. */
  open = false;
  id = "";
  user: User | null = null;
  ended = false;
  hear: (text: string) => void = () => {};
  closed: () => void = () => {};

  send(data: string): void {
    if (!this.ended) this.hear(data);
  }

  close(): void {
    this.ended = true;
    this.closed();
    for (const id of [...this.running.keys()]) this.stop(id);
  }

  says(message: Fields): void {
    if (!this.ended) this.onmessage?.({ data: JSON.stringify(message, digits) } as never);
  }

  /** The server, or the network, ends it. */
  end(code: number, reason: string): void {
    if (this.ended) return;
    this.close();
    this.onclose?.({ code, reason } as never);
  }

  /** Ends a call that is being answered. `false`: there is none. */
  stop(id: unknown): boolean {
    const stop = this.running.get(id);
    this.running.delete(id);
    stop?.();
    return stop !== undefined;
  }
}

/** As the client's codec writes it: a `bigint` is its digits. */
function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** The server's no: what a handler gives back instead of a reply. Made by `refuse`. */
export class Refusal<E> {
  readonly error: E;

  constructor(error: E) {
    this.error = error;
  }
}

function answer(connection: MockConnection, re: unknown, outcome: unknown): void {
  if (outcome instanceof Refusal) connection.says({ re, error: wire(outcome.error) });
  else connection.says({ re, param: outcome ?? {} });
}

function wire(error: { code: string; message?: string }): Fields {
  return { message: error.code, ...error };
}

function closeCodeOf(code: string): number {
  return { unauthorized: 4401, forbidden: 4401, "upgrade-required": 4526 }[code] ?? 1001;
}

// What the mock server does with a command: has it answered, and says what it was.

/** What the test gave to answer a command. */
type Handle = (param: unknown, sent: unknown) => unknown;

/** Refuses: `server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }))`. */
export function refuse<const E extends { code: string; message?: string; data?: unknown }>(
  error: E,
): Refusal<E> {
  return new Refusal(error);
}

/** What a command is answered, once it is: after its items, where it streams. */
async function outcomeOf(
  connection: MockConnection,
  handle: Handle | undefined,
  sent: Fields,
  id: unknown,
): Promise<unknown> {
  const cmd = String(sent["cmd"]);
  if (!handle) {
    const hint = `the mock server has no answer to ${cmd}: server.on(${JSON.stringify(cmd)}, …)`;
    return id === undefined ? undefined : refuse({ code: "internal", message: hint });
  }
  try {
    const outcome = await handle(sent["param"], sent);
    if (!isStream(outcome)) return outcome;
    if (id === undefined) {
      const hint = `${cmd} streams: it is called with \`stream\`, not sent`;
      return refuse({ code: "invalid-message", message: hint });
    }
    // Not at once: a generator that is at work cannot be ended.
    connection.running.set(id, () => queueMicrotask(() => void outcome.return?.()));
    for (;;) {
      const { done, value } = await outcome.next();
      if (done || !connection.running.has(id)) return value;
      connection.says({ re: id, item: value });
    }
  } catch (error) {
    const text = `the mock server's handler of ${cmd} threw: ${String(error)}`;
    return refuse({ code: "internal", message: text });
  }
}

/** What a handler gave that yields items before it ends. */
function isStream(value: unknown): value is Iterator<unknown> | AsyncIterator<unknown> {
  return typeof (value as { next?: unknown } | null | undefined)?.next === "function";
}

/** A command, for people. */
function shown({
  cmd,
  channel,
  param,
}: {
  cmd: PropertyKey;
  channel?: string;
  param?: unknown;
}) {
  const where = channel === undefined ? "" : ` to ${channel}`;
  return `${String(cmd)}${where}${param === undefined ? "" : ` with ${JSON.stringify(param, digits)}`}`;
}

/** Whether two values are the same JSON, whatever the order of their fields. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return digits(key, value);
  }
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// What the mock server keeps of its channels, for those who come back.

interface Stream {
  readonly epoch: string;
  /** The offset of the newest event. */
  readonly at: number;
  /** Whole, the oldest first. */
  readonly events: readonly Kept[];
}

type Kept = Fields & { readonly at: number };

/** What a join is answered, and what follows that answer. */
interface Joined {
  readonly result: JoinResult & Partial<Pick<Stream, "epoch" | "at">>;
  readonly missed: readonly Fields[];
}

class MockHistory {
  readonly #patterns: readonly RegExp[];
  readonly #streams = new Map<string, Stream>();
  #epochs = 0;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(expressionOf);
  }

  /** What is kept of a channel: `undefined` where it keeps nothing. */
  of(channel: string): Stream | undefined {
    // A client names those of the protocol's own only where they keep history.
    const keeps = channel.startsWith(":") || this.#patterns.some((one) => one.test(channel));
    if (!keeps) return undefined;
    return this.#streams.get(channel) ?? this.lose(channel);
  }

  /** Keeps an event, and gives it with its place. */
  keep(channel: string, stream: Stream, event: Fields, at: number = stream.at + 1): Kept {
    const kept = { ...event, at };
    this.#streams.set(channel, { ...stream, at, events: [...stream.events, kept] });
    return kept;
  }

  /** Begins anew: what was there is gone, and offsets of before mean nothing. */
  lose(channel: string): Stream {
    const stream = { epoch: `mock-${++this.#epochs}`, at: 0, events: [] };
    this.#streams.set(channel, stream);
    return stream;
  }

  /** The answer to one who wants in, and was there until `since`. */
  join(channel: string, since: unknown): Joined {
    const stream = this.of(channel);
    if (!stream) return { result: { recovery: "none" }, missed: [] };
    const { epoch, at, events } = stream;
    if (typeof since !== "object" || since === null) {
      return { result: { recovery: "fresh", epoch, at }, missed: [] };
    }
    const { epoch: then, at: seen } = since as { epoch?: unknown; at?: unknown };
    if (then !== epoch || typeof seen !== "number" || seen > at) {
      return { result: { recovery: "gap", epoch, at }, missed: [] };
    }
    const missed = events.filter((event) => event.at > seen);
    return { result: { recovery: "complete", epoch, at }, missed };
  }

  /** One page of what is kept. */
  page(stream: Stream, { limit, before }: Fields): Fields {
    const end = typeof before === "number" ? before : Number.POSITIVE_INFINITY;
    const events = stream.events.filter(({ at }) => at < end);
    const most = typeof limit === "number" ? limit : PAGE;
    return { epoch: stream.epoch, at: stream.at, events: events.slice(-most) };
  }
}

/** Events of a page where the client names no number. */
const PAGE = 300;

/** Which names fit a pattern. A parameter ends where the pattern's next sign is, `{*name}` at the end. */
function expressionOf(pattern: string): RegExp {
  const delimiters = pattern.replace(/\{.*?\}|[A-Za-z0-9]/g, "");
  const one = delimiters === "" ? ".+" : `[^${delimiters.replace(/./g, "\\$&")}]+`;
  const parts = pattern.split(/(\{.*?\})/).map((part) => {
    if (part.startsWith("{*")) return ".+";
    return part.startsWith("{") ? one : part.replace(/[^A-Za-z0-9]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

// Types of the mock server: the protocol, read from the server's side.

/** An error as a server may send it. The message may be left out, and data that says nothing too. */
export type Refusable<E> = E extends { code: infer Code }
  ? Code extends "aborted" | "queue-full" | "disconnected"
    ? never
    : { readonly code: Code; readonly message?: string } & DataOf<E>
  : never;

type DataOf<E> = E extends { data: infer Data }
  ? unknown extends Data
    ? { readonly data?: unknown }
    : { readonly data: Data }
  : unknown;

type ParamOf<P extends ProtocolShape<P>, K extends keyof P["commands"]> = Exclude<
  P["commands"][K]["param"],
  undefined
>;

/** What crossed the wire: a `bigint` is the text of its digits there. Nothing else differs. */
export type OnWire<T> = unknown extends T
  ? T
  : T extends bigint
    ? `${bigint}`
    : T extends string | number | boolean | null | undefined
      ? T
      : { [K in keyof T]: OnWire<T[K]> };

/** The parameters of a command as they arrived. */
export type Arrived<P extends ProtocolShape<P>, K extends keyof P["commands"]> = OnWire<
  ParamOf<P, K>
>;

type Ending<P extends ProtocolShape<P>, K extends keyof P["commands"]> =
  | P["commands"][K]["reply"]
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing
  | (Empty extends P["commands"][K]["reply"] ? void : never)
  | Refusal<Refusable<P["commands"][K]["error"] | BuiltinError>>;

/**
 * What a handler answers: the reply, nothing where it has no fields, or a refusal. A command that streams
 * may be answered by a generator: it yields the items, and returns one of these.
 */
export type Answer<P extends ProtocolShape<P>, K extends keyof P["commands"]> =
  | Ending<P, K>
  | (P["commands"][K] extends { item: unknown }
      ?
          | Generator<ItemOf<P, K>, Ending<P, K>, undefined>
          | AsyncGenerator<ItemOf<P, K>, Ending<P, K>, undefined>
      : never);

/** A command as it arrived. */
export interface Sent<P extends ProtocolShape<P>, K extends keyof P["commands"]> {
  readonly cmd: K;
  readonly param: Arrived<P, K>;
  readonly channel?: string;
  /** Present where the client waits for the reply. */
  readonly id?: number;
}

/** Any command as it arrived: a union to switch over by `cmd`. */
export type AnySent<P extends ProtocolShape<P>> = {
  [K in keyof P["commands"]]: Sent<P, K>;
}[keyof P["commands"]];

/** The channels that carry an event. */
export type ChannelOf<P extends ProtocolShape<P>, K> = {
  [Pattern in keyof P["channels"]]: K extends
    | P["channels"][Pattern]["events"]
    | "online-update"
    | "presence-update"
    ? P["channels"][Pattern]["name"]
    : never;
}[keyof P["channels"]];

/** The patterns of the channels that keep history. */
export type KeptPattern<P extends ProtocolShape<P>> = {
  [K in keyof P["channels"]]: P["channels"][K] extends { history: true } ? K : never;
}[keyof P["channels"]];

/** The names of the channels that keep history. */
export type KeptName<P extends ProtocolShape<P>> = P["channels"][KeptPattern<P>]["name"];

/** Where an event goes, and what stands in it beside its parameters. */
export interface EmitOptions<P extends ProtocolShape<P>, K> {
  /** Its members hear it. Default: every client, without a channel. */
  channel?: ChannelOf<P, K>;
  /** The id of the connection that caused it. */
  from?: string;
  /** Its offset. Default: the next one where the channel keeps history, else none. */
  at?: number;
  /** `false`: as of a `latest` or `volatile` event, which no history keeps. Default `true`. */
  kept?: boolean;
}

export interface MockOptions<P extends ProtocolShape<P>> {
  /** Who the client is. Default `null`: nobody. */
  user?: User | null;
  /** The channel that the connection is in from the start. Default: none. */
  channel?: string;
  /** Lets a client in, by its token, or not. Default: everybody, as `user`. */
  connect?: (ask: { token?: string }) => User | null | Refusal<Refusable<BuiltinError>>;
  /** Lets into a channel, or not. Default: into all. */
  join?: (channel: string) => undefined | Refusal<Refusable<BuiltinError>>;
  /**
   * The channels that keep what is emitted to them, by their patterns: `["room:{room}"]`. Who comes back
   * gets what was missed, and `history` what was before. Default: none of them does.
   */
  history?: readonly KeptPattern<P>[];
  /** ms; see `spread` of the protocol. Default 50, so that clients are back soon. */
  spread?: number;
  /** ms until the token runs out. Default: never. */
  expires?: number;
}

/** What `expectSent` and the like throw. */
export class MockError extends Error {
  override readonly name: string = "MockError";
}

/**
 * A server of that protocol. Give its `WebSocket` to the sockets of your program, as the option or as the
 * global one:
 *
 * ```ts
 * const server = new MockServer(Socket);
 * server.on("join-room", ({ room }) => ({ room, members: 1 }));
 * const socket = new Socket({ url: "ws://mock", WebSocket: server.WebSocket });
 * ```
 */
export class MockServer<P extends ProtocolShape<P>> {
  /** What to give to clients. */
  readonly WebSocket: WebSocketClass;
  readonly #Socket: SocketClass<P>;
  readonly #options: MockOptions<P>;
  readonly #history: MockHistory;
  readonly #handlers = new Map<PropertyKey, Handle>();
  readonly #connections = new Set<MockConnection>();
  #sent: AnySent<P>[] = [];
  #waiting: (() => void)[] = [];
  #made = 0;
  #stopped = false;

  constructor(Socket: SocketClass<P>, options: MockOptions<P> = {}) {
    this.#Socket = Socket;
    this.#options = options;
    this.#history = new MockHistory((options.history ?? []).map(String));
    const dial = (connection: MockConnection) => this.#dial(connection);
    this.WebSocket = class extends MockConnection {
      constructor() {
        super();
        dial(this);
      }
    };
  }

  /** A socket that is connected to this server; the options are those of every socket. */
  socket(options: Partial<SocketOptions<P>> = {}): Socket<P> {
    const Socket = this.#Socket;
    const all = { url: "ws://mock.invalid/", WebSocket: this.WebSocket, ...options };
    // A test says what it does about gaps only where it is about them.
    return new Socket(all as unknown as SocketOptions<P>);
  }

  /** Everything that clients sent, oldest first, but for the protocol's own commands. */
  get sent(): readonly AnySent<P>[] {
    return this.#sent;
  }

  /** Forgets what was sent until now. */
  clear(): void {
    this.#sent = [];
  }

  /** The channels that some client is in. */
  get channels(): readonly string[] {
    const all = new Set(this.#open().flatMap(({ channels }) => [...channels]));
    return [...all].filter((name) => !name.startsWith(":"));
  }

  /** Resolves when a client is let in: at once where one is. */
  async opened(): Promise<void> {
    while (this.#open().length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /**
   * What answers a command from now on: a reply, or a function that gives one or refuses. One that streams
   * takes a generator function too: it yields the items and returns the reply. It is ended where it stands
   * when the client stops the stream or is gone.
   */
  on<K extends keyof P["commands"]>(
    cmd: K,
    reply:
      | P["commands"][K]["reply"]
      | ((param: Arrived<P, K>, sent: Sent<P, K>) => Answer<P, K> | Promise<Answer<P, K>>),
  ): void {
    const handle = typeof reply === "function" ? reply : () => reply;
    this.#handlers.set(cmd, handle as Handle);
  }

  /**
   * Sends an event to the members of `channel`, or without one to every client. A channel that keeps
   * history takes it also while nobody is there, and who comes back gets it then.
   */
  emit<K extends keyof EventsOf<P>>(
    event: K,
    param: EventsOf<P>[K],
    { kept = true, at, ...to }: EmitOptions<P, K> = {},
  ): void {
    const { channel } = to;
    const message = { cmd: event, param, ...to };
    const stream = channel === undefined || !kept ? undefined : this.#history.of(channel);
    const whole =
      channel !== undefined && stream
        ? this.#history.keep(channel, stream, message, at)
        : { ...message, at };
    const open = stream ? this.#in(channel) : this.#members(`emit ${String(event)}`, channel);
    for (const connection of open) connection.says(whole);
  }

  /** Puts every client into a channel, as a server does in answer to a command. */
  admit(channel: ChannelName<P>): void {
    for (const connection of this.#members("admit", undefined)) {
      connection.channels.add(channel);
      const { result } = this.#history.join(channel, undefined);
      connection.says({ cmd: ":joined", channel, param: result });
    }
  }

  /**
   * Loses what a channel kept. Its members are told of a gap now, and who was away is told of one on
   * coming back.
   */
  gap(channel: KeptName<P>): void {
    if (!this.#history.of(channel)) {
      throw new MockError(
        `gap: ${channel} keeps no history; new MockServer(Socket, { history: [its pattern] })`,
      );
    }
    const { epoch, at } = this.#history.lose(channel);
    for (const connection of this.#in(channel)) {
      connection.says({ cmd: ":gap", channel, param: { epoch, at } });
    }
  }

  /** Takes every client out of a channel, as a server does that revokes a membership. */
  expel(channel: string, error: Refusable<BuiltinError> = { code: "forbidden" }): void {
    for (const connection of this.#members("expel", channel)) {
      connection.channels.delete(channel);
      connection.says({ cmd: ":closed", channel, param: { reason: wire(error) } });
    }
  }

  /**
   * Ends every connection with a close code: 1006, the default, is a network that broke. From 4500 on
   * clients stay away; after any other they come back.
   */
  drop(code: number = 1006, reason: string = ""): void {
    if (this.#connections.size === 0) throw new MockError(`drop ${code}: nobody is connected`);
    for (const connection of [...this.#connections]) connection.end(code, reason);
  }

  /** Is out of reach until `start()`: ends every connection, and fails every new one. */
  stop(): void {
    this.#stopped = true;
    for (const connection of [...this.#connections]) connection.end(1006, "");
  }

  /** Can be reached again. */
  start(): void {
    this.#stopped = false;
  }

  /** The newest such command. Throws a `MockError` where none was sent: it tells what was. */
  expectSent<K extends keyof P["commands"]>(
    cmd: K,
    param?: P["commands"][K]["param"],
    where: { channel?: string } = {},
  ): Sent<P, K> {
    const found = [...this.#sent]
      .reverse()
      .find(
        (sent) =>
          sent.cmd === cmd &&
          (param === undefined || isSame(sent.param, param)) &&
          (where.channel === undefined || sent.channel === where.channel),
      );
    if (found) return found as unknown as Sent<P, K>;
    const expected = shown({ cmd, ...where, ...(param === undefined ? {} : { param }) });
    const sent = this.#sent.map((one, at) => `\n  ${at + 1}. ${shown(one)}`).join("");
    const nothing = this.#open().length > 0 ? "nothing" : "nothing, and it is not connected";
    throw new MockError(`expected the client to send ${expected}\nit sent ${sent || nothing}`);
  }

  #open(): MockConnection[] {
    return [...this.#connections].filter(({ open }) => open);
  }

  #in(channel: string | undefined): MockConnection[] {
    return this.#open().filter(({ channels }) => channel === undefined || channels.has(channel));
  }

  /** The clients that an action concerns. Throws where there are none: the test meant some. */
  #members(action: string, channel: string | undefined): MockConnection[] {
    if (this.#open().length === 0) {
      throw new MockError(`${action}: nobody is connected; await server.opened() first`);
    }
    const members = this.#in(channel);
    if (members.length > 0) return members;
    const joined = this.channels.join(", ") || "no channel";
    throw new MockError(`${action}: no client is in ${channel}; they are in ${joined}`);
  }

  #dial(connection: MockConnection): void {
    connection.hear = (text) => {
      const frame: Fields | Fields[] = JSON.parse(text);
      for (const message of Array.isArray(frame) ? frame : [frame]) this.#hear(connection, message);
    };
    connection.closed = () => this.#connections.delete(connection);
    this.#connections.add(connection);
    queueMicrotask(() => {
      if (this.#stopped) connection.end(1006, "");
      else if (!connection.ended) connection.onopen?.({} as never);
    });
  }

  #hear(connection: MockConnection, message: Fields): void {
    // As over a network: an answer never comes before the call that asks for it has returned.
    queueMicrotask(() => {
      const cmd = String(message["cmd"]);
      if (!cmd.startsWith(":")) void this.#command(connection, message);
      else this.#builtin(connection, cmd, message);
    });
  }

  async #command(connection: MockConnection, message: Fields): Promise<void> {
    const sent = { ...message, param: message["param"] ?? {} };
    this.#sent.push(sent as unknown as AnySent<P>);
    const { id } = message;
    const cmd = String(message["cmd"]);
    if (id !== undefined) connection.running.set(id, () => {});
    const outcome = await outcomeOf(connection, this.#handlers.get(cmd), sent, id);
    if (id !== undefined) {
      // Not there any more: it was cancelled, and that was its answer.
      if (connection.running.delete(id)) answer(connection, id, outcome);
    } else if (outcome instanceof Refusal) {
      const error = wire(outcome.error);
      const data = { ...(error["data"] as object | undefined), cmd };
      connection.says({ cmd: ":error", param: { ...error, data } });
    }
  }

  #builtin(connection: MockConnection, cmd: string, message: Fields): void {
    const { id } = message;
    const param = (message["param"] ?? {}) as Fields;
    const channel = String(message["channel"] ?? "");
    switch (cmd) {
      case ":connect":
        return this.#connect(connection, id, param);
      case ":join": {
        const refused = this.#options.join?.(channel);
        if (refused) return answer(connection, id, refused);
        connection.channels.add(channel);
        const { result, missed } = this.#history.join(channel, param["since"]);
        answer(connection, id, result);
        for (const event of missed) connection.says(event);
        return;
      }
      case ":leave":
        connection.channels.delete(channel);
        return answer(connection, id, {});
      case ":members":
      case ":history": {
        const isIn = channel.startsWith(":") || connection.channels.has(channel);
        const ask = cmd === ":members" ? this.#page : this.#past;
        return answer(
          connection,
          id,
          isIn ? ask.call(this, channel, param) : refuse({ code: "not-joined" }),
        );
      }
      case ":refresh": {
        const who = this.#who(param);
        return answer(
          connection,
          id,
          who instanceof Refusal ? who : { expires: this.#options.expires },
        );
      }
      case ":cancel": {
        const call = param["id"] ?? id;
        if (connection.stop(call)) answer(connection, call, refuse({ code: "cancelled" }));
        return;
      }
      case ":ping":
        return connection.says({ cmd: ":pong" });
    }
  }

  #page(channel: string, { limit, after }: Fields) {
    const all = this.#in(channel);
    const from = Number(after ?? 0);
    const to = from + (typeof limit === "number" ? limit : 100);
    const members = all.slice(from, to).map(({ id, user }) => ({ connection: id, user }));
    return { count: all.length, members, ...(to < all.length && { next: String(to) }) };
  }

  #past(channel: string, param: Fields) {
    const stream = this.#history.of(channel);
    return stream ? this.#history.page(stream, param) : refuse({ code: "forbidden" });
  }

  #who({ token }: Fields) {
    const { connect, user = null } = this.#options;
    return connect ? connect(typeof token === "string" ? { token } : {}) : user;
  }

  #connect(connection: MockConnection, re: unknown, param: Fields): void {
    const { join, channel, expires, spread = 50 } = this.#options;
    const who = this.#who(param);
    if (who instanceof Refusal) {
      answer(connection, re, who);
      return connection.end(closeCodeOf(who.error.code), who.error.message ?? who.error.code);
    }
    const wanted = new Map(Object.entries((param["channels"] ?? {}) as Record<string, Fields>));
    const results: [string, unknown][] = [];
    const replay: Fields[] = [];
    for (const name of new Set([...(channel === undefined ? [] : [channel]), ...wanted.keys()])) {
      const isGiven = name === channel || name.startsWith(":");
      const refused = isGiven ? undefined : join?.(name);
      if (!refused) connection.channels.add(name);
      const { result, missed } = this.#history.join(name, wanted.get(name)?.["since"]);
      results.push([name, refused ? { error: wire(refused.error) } : result]);
      if (!refused) replay.push(...missed);
    }
    connection.open = true;
    connection.id = `mock-${++this.#made}`;
    connection.user = who;
    answer(connection, re, {
      ...{ connection: connection.id, user: who, resumed: false, spread, expires },
      ...{ ping: PING, timeout: PING_TIMEOUT, limits: { message: 65_536 } },
      channels: Object.fromEntries(results),
    });
    for (const event of replay) connection.says(event);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
