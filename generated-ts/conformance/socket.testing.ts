// Made by socket-codegen 0.1.0.
// Testing: a server for the tests of your program, in the same process and without a network. Typed by the
// protocol from its other side: it takes what the client sends, and sends what the client takes. It waits
// for no timer, so fake ones need not be advanced for it.

import type { WebSocketLike } from "./socket.js";
import type {
  BuiltinError,
  Empty,
  EventsOf,
  JoinResult,
  ProtocolShape,
  Socket,
  SocketClass,
  Options as SocketOptions,
  User,
  WebSocketClass,
} from "./socket.js";

// A connection of the mock server, and what goes over it.

type Fields = { readonly [name: string]: unknown };

/** One connection, as its client sees it. */
class MockConnection implements WebSocketLike {
  readonly bufferedAmount = 0;
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly channels: Set<string> = new Set();
  /** The client was let in. */
  open = false;
  ended = false;
  hear: (text: string) => void = () => {};
  closed: () => void = () => {};

  send(data: string): void {
    if (!this.ended) this.hear(data);
  }

  close(): void {
    this.ended = true;
    this.closed();
  }

  says(message: Fields): void {
    if (!this.ended) this.onmessage?.({ data: JSON.stringify(message) } as never);
  }

  /** The server, or the network, ends it. */
  end(code: number, reason: string): void {
    if (this.ended) return;
    this.close();
    this.onclose?.({ code, reason } as never);
  }
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

type Handle = (param: unknown, sent: unknown) => unknown;

/** What `expectSent` and the like throw. */
export class MockError extends Error {
  override readonly name: string = "MockError";
}

/** Refuses: `server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }))`. */
export function refuse<const E extends { code: string; message?: string; data?: unknown }>(
  error: E,
): Refusal<E> {
  return new Refusal(error);
}

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

type Param<P extends ProtocolShape<P>, K extends keyof P["commands"]> = Exclude<
  P["commands"][K]["param"],
  undefined
>;

/** What a handler answers: the reply, nothing where it has no fields, or a refusal. */
export type Answer<P extends ProtocolShape<P>, K extends keyof P["commands"]> =
  | P["commands"][K]["reply"]
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing
  | (Empty extends P["commands"][K]["reply"] ? void : never)
  | Refusal<Refusable<P["commands"][K]["error"] | BuiltinError>>;

/** A command as it arrived. */
export interface Sent<P extends ProtocolShape<P>, K extends keyof P["commands"]> {
  readonly cmd: K;
  readonly param: Param<P, K>;
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

export interface MockOptions {
  /** Who the client is. Default `null`: nobody. */
  user?: User | null;
  /** The channel that the connection is in from the start. Default: none. */
  channel?: string;
  /** Lets a client in, by its token, or not. Default: everybody, as `user`. */
  connect?: (ask: { token?: string }) => User | null | Refusal<Refusable<BuiltinError>>;
  /** Lets into a channel, or not. Default: into all. */
  join?: (channel: string) => undefined | Refusal<Refusable<BuiltinError>>;
  /** ms; see `spread` of the protocol. Default 50, so that clients are back soon. */
  spread?: number;
  /** ms until the token runs out. Default: never. */
  expires?: number;
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
  readonly #options: MockOptions;
  readonly #handlers = new Map<PropertyKey, Handle>();
  readonly #connections = new Set<MockConnection>();
  #sent: AnySent<P>[] = [];
  #waiting: (() => void)[] = [];
  #made = 0;
  #stopped = false;

  constructor(Socket: SocketClass<P>, options: MockOptions = {}) {
    this.#Socket = Socket;
    this.#options = options;
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
    return [...new Set(this.#open().flatMap(({ channels }) => [...channels]))];
  }

  /** Resolves when a client is let in: at once where one is. */
  async opened(): Promise<void> {
    while (this.#open().length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** What answers a command from now on: a reply, or a function that gives one or refuses. */
  on<K extends keyof P["commands"]>(
    cmd: K,
    reply:
      | P["commands"][K]["reply"]
      | ((param: Param<P, K>, sent: Sent<P, K>) => Answer<P, K> | Promise<Answer<P, K>>),
  ): void {
    const handle = typeof reply === "function" ? reply : () => reply;
    this.#handlers.set(cmd, handle as Handle);
  }

  /** Sends an event to the members of `channel`, or without one to every client. */
  emit<K extends keyof EventsOf<P>>(
    event: K,
    param: EventsOf<P>[K],
    to: { channel?: ChannelOf<P, K>; from?: string; at?: number } = {},
  ): void {
    const open = this.#members(`emit ${String(event)}`, to.channel);
    for (const connection of open) connection.says({ cmd: event, param, ...to });
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

  /** The clients that an action concerns. Throws where there are none: the test meant some. */
  #members(action: string, channel: string | undefined): MockConnection[] {
    const open = this.#open();
    if (open.length === 0) {
      throw new MockError(`${action}: nobody is connected; await server.opened() first`);
    }
    if (channel === undefined) return open;
    const members = open.filter(({ channels }) => channels.has(channel));
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
    const handle = this.#handlers.get(cmd);
    if (!handle) {
      const hint = `the mock server has no answer to ${cmd}: server.on(${JSON.stringify(cmd)}, …)`;
      if (id !== undefined) answer(connection, id, refuse({ code: "internal", message: hint }));
      return;
    }
    let outcome: unknown;
    try {
      outcome = await handle(sent.param, sent);
    } catch (error) {
      const text = `the mock server's handler of ${cmd} threw: ${String(error)}`;
      outcome = refuse({ code: "internal", message: text });
    }
    if (id !== undefined) answer(connection, id, outcome);
    else if (outcome instanceof Refusal) {
      const error = wire(outcome.error);
      const data = { ...(error["data"] as object | undefined), cmd };
      connection.says({ cmd: ":error", param: { ...error, data } });
    }
  }

  #builtin(connection: MockConnection, cmd: string, message: Fields): void {
    const { id } = message;
    const channel = String(message["channel"] ?? "");
    const { join, expires, user = null } = this.#options;
    switch (cmd) {
      case ":connect":
        return this.#connect(connection, id, (message["param"] ?? {}) as Fields);
      case ":join": {
        const refused = join?.(channel);
        if (!refused) connection.channels.add(channel);
        return answer(connection, id, refused ?? NO_HISTORY);
      }
      case ":leave":
        connection.channels.delete(channel);
        return answer(connection, id, {});
      case ":members": {
        const { length } = this.#open().filter(({ channels }) => channels.has(channel));
        const members = [{ connection: "mock-1", user }];
        return answer(connection, id, { count: length, members: length > 0 ? members : [] });
      }
      case ":history":
        return answer(connection, id, { epoch: "mock", at: 0, events: [] });
      case ":refresh":
        return answer(connection, id, { expires });
      case ":ping":
        return connection.says({ cmd: ":pong" });
    }
  }

  #connect(connection: MockConnection, re: unknown, param: Fields): void {
    const { connect, join, channel, expires, spread = 50, user = null } = this.#options;
    const token = param["token"];
    const who = connect ? connect(typeof token === "string" ? { token } : {}) : user;
    if (who instanceof Refusal) {
      answer(connection, re, who);
      return connection.end(closeCodeOf(who.error.code), who.error.message ?? who.error.code);
    }
    const results: { [name: string]: unknown } = {};
    const wanted = Object.keys((param["channels"] ?? {}) as object);
    for (const name of new Set(channel === undefined ? wanted : [channel, ...wanted])) {
      const refused = name === channel ? undefined : join?.(name);
      if (!refused) connection.channels.add(name);
      results[name] = refused ? { error: wire(refused.error) } : NO_HISTORY;
    }
    connection.open = true;
    answer(connection, re, {
      ...{ connection: `mock-${++this.#made}`, user: who, resumed: false, spread, expires },
      ...{ ping: 25_000, timeout: 10_000, limits: { message: 65_536 }, channels: results },
    });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const NO_HISTORY: JoinResult = { recovery: "none" };

function shown({ cmd, channel, param }: { cmd: PropertyKey; channel?: string; param?: unknown }) {
  const where = channel === undefined ? "" : ` to ${channel}`;
  return `${String(cmd)}${where}${param === undefined ? "" : ` with ${JSON.stringify(param)}`}`;
}

/** Whether two values are the same JSON, whatever the order of their fields. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
