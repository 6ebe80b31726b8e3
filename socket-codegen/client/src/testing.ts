// Testing: a server for the tests of your program, in the same process and without a network. Typed by the
// protocol from its other side: it takes what the client sends, and sends what the client takes. It waits
// for no timer, so fake ones need not be advanced for it.

import { PING, PING_TIMEOUT } from "./connection/fallbacks.js";
import type {
  BuiltinError,
  ChannelName,
  EventsOf,
  ProtocolShape,
  Socket,
  SocketClass,
  Options as SocketOptions,
  WebSocketClass,
} from "./index.js";
import { type Handle, isSame, outcomeOf, refuse, shown } from "./testing/command.js";
import {
  answer,
  closeCodeOf,
  type Fields,
  MockConnection,
  Refusal,
  wire,
} from "./testing/connection.js";
import { MockHistory } from "./testing/history.js";
import type {
  Answer,
  AnySent,
  Arrived,
  EmitOptions,
  KeptName,
  MockOptions,
  Refusable,
  Sent,
} from "./testing/types.js";

export { refuse } from "./testing/command.js";
export { Refusal } from "./testing/connection.js";
export type {
  Answer,
  AnySent,
  Arrived,
  ChannelOf,
  EmitOptions,
  KeptName,
  KeptPattern,
  MockOptions,
  OnWire,
  Refusable,
  Sent,
} from "./testing/types.js";

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
