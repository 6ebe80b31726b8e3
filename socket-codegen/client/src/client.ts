// Client: a socket of which nothing but names is known. One closure in four parts, because parts that hand each
// other their functions are paid for by every page that loads them. State comes first and callbacks last: a
// handler may do anything, disconnecting included.

import type { Gap, JoinResult, Membership } from "./channel.js";
import { type End, errorOf, promiseOf, SocketError } from "./errors.js";
import type { Options, Report, WebSocketLike } from "./options.js";
import { MOST_BYTES, MOST_WAITING, type Outgoing } from "./outgoing.js";
import type { Recovery } from "./recovery.js";
import type { Cause, State, Upgrade, User } from "./state.js";
import type { AnyProtocol, Descriptor, Off, SendResult } from "./types.js";
import type { AnyEvent, AnyHandler, Client, Room } from "./untyped.js";
import { listen } from "./wake.js";
import { CONNECT_ID, type Fields, numberOf, UNLIMITED } from "./wire.js";

type Listener = (...args: never[]) => void;
type Timer = ReturnType<typeof setTimeout>;
type Waiting = Extract<State, { status: "waiting" }>;

/** What a page has, and a server that renders one does not. */
interface Page {
  readonly document?: { readonly hidden: boolean };
  readonly location?: unknown;
}

/** Makes a client of `client`: the object that programs hold. */
export function createClient(
  client: { state?: State },
  descriptor: Descriptor,
  options: Options<AnyProtocol>,
): void {
  // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
  const { url, token: provider, random = Math.random, onError = console.error } = options;
  const [stand, isNext] = descriptor.recovery ?? ([] as Recovery);
  const now = options.now ?? Date.now;
  let state: State = { status: "idle" };
  const is = (status: State["status"]) => state.status === status;

  // Telling: who wants to hear what.

  const listeners = new Map<string, Set<readonly [Listener]>>();

  /** Asynchronous, so that what `onError` throws surfaces outside of everything. */
  const report: Report = async (source, message, cause) => {
    onError(
      source,
      message,
      cause instanceof SocketError ? cause : new SocketError({ code: source, message, cause }),
    );
  };

  const on = (key: string, handler: Listener): Off => {
    const entries = listeners.get(key) ?? new Set();
    // Its own object, so that the same one given twice is two handlers with two ends.
    const entry = [handler] as const;
    listeners.set(key, entries.add(entry));
    const off = () => {
      if (entries.delete(entry) && !entries.size) listeners.delete(key);
    };
    // Where the engine knows no such symbol, nobody asks for what stands there instead.
    off[(Symbol as { dispose?: symbol }).dispose as never] = off as never;
    return off as unknown as Off;
  };
  const onEvent = (key: string, handler: AnyHandler) =>
    on(key, (message: AnyEvent) => handler(message.param, message));

  /**
   * Runs the handlers of these keys, those that are there now, and not one that another took back, nor
   * any once the state is another. `false`: there was none.
   */
  const tell = (keys: readonly string[], ...args: readonly unknown[]) => {
    const then = state;
    let heard = false;
    for (const key of keys) {
      for (const entry of [...(listeners.get(key) ?? [])]) {
        if (then !== state || !listeners.get(key)?.has(entry)) continue;
        heard = true;
        try {
          entry[0](...(args as never[]));
        } catch (error) {
          report("handler", String(error), error);
        }
      }
    }
    return heard;
  };

  // Sending: what waits, in order and bounded; the pace at which it goes; the calls that were sent.

  let queue: Outgoing[] = [];
  /** Calls that were sent and not answered, by id, in the order in which they were first sent. */
  const sent = new Map<unknown, Outgoing>();
  let lastId = CONNECT_ID;
  let flushTimer: Timer;
  /** When the next message would go if all went at the server's rate. It may lag by a burst. */
  let due = 0;

  /** A command as text, `cmd` first. Fields without a value are not written. */
  const encode = (cmd: string, channel?: string, param?: unknown, id?: number, timeout?: number) =>
    JSON.stringify({ cmd, channel, param, id, timeout }, descriptor.replacer);

  const trace = (arrow: string, data: unknown) => {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (options.debug) console.debug(arrow, data);
  };

  const write = (text: string) => {
    trace("->", text);
    ws?.send(text);
  };

  const flush = () => {
    clearTimeout(flushTimer);
    queue = queue.filter(({ until = Infinity }) => until >= now());
    while (is("open") && queue[0]) {
      const interval = 1_000 / numberOf(limits.rate, UNLIMITED);
      // A clock that was set back holds nothing up.
      due = Math.min(due, now() + interval);
      // What the WebSocket itself holds back is looked at again after a while.
      const wait = (ws as WebSocketLike).bufferedAmount > MOST_BYTES ? 50 : due - now();
      if (wait > 0) {
        flushTimer = setTimeout(flush, wait);
        return;
      }
      const message = queue.shift() as Outgoing;
      // What goes out evenly may arrive bunched: a fifth of the burst stays in hand for that.
      const lag = numberOf(limits.burst, UNLIMITED) * 0.8 * interval;
      due = Math.max(due, now() + interval - lag) + interval;
      if (message.end) sent.set(message.id, message);
      write(message.text);
    }
  };

  /** It leaves the queue and its caller is told. An answer that still comes is no surprise. */
  const finish = (message: Outgoing, outcome: unknown) => {
    sent.delete(message.id);
    queue = queue.filter((other) => other !== message);
    message.end?.(outcome);
  };

  /** Sends it, or has it wait. `volatile`: or drops it. */
  const put = (message: Outgoing, volatile?: boolean): SendResult => {
    // Without a key it replaces nothing: no two of these are the same.
    const { text, key = {} } = message;
    message.size = new TextEncoder().encode(text).length;
    const refuse = (code: string, data?: unknown): SendResult => {
      finish(message, new SocketError({ code, data }));
      return "dropped";
    };
    if (is("closed")) return refuse("disconnected");
    if (message.size > (limits.message as number))
      return refuse("too-large", { limit: limits.message });
    queue.push(message);
    flush();
    // It stands last: it is gone once the queue is empty.
    if (!queue[0]) return "sent";
    if (
      volatile ||
      queue.length > MOST_WAITING ||
      queue.reduce((sum, other) => sum + (other.size as number), 0) > MOST_BYTES
    )
      return refuse("queue-full");
    queue = queue.filter((other) => other === message || other.key !== key);
    return "queued";
  };

  /** Sends a command of the protocol's own. Without an `end` nobody waits for its answer. */
  const ask = (cmd: string, channel?: string, param?: unknown, end?: End) => {
    const id = ++lastId;
    put({ text: encode(cmd, channel, param, id), id, end });
  };

  const send: Client["send"] = ({ cmd, channel, param }, { key, ttl = Infinity, volatile } = {}) =>
    put(
      {
        text: encode(cmd, channel, param),
        until: now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
      },
      volatile,
    );

  const call: Client["call"] = (
    { cmd, channel, param },
    { timeout = options.callTimeout ?? 10_000, signal, item } = {},
  ) =>
    promiseOf((settle) => {
      const ms = Math.min(timeout, UNLIMITED) | 0;
      const id = ++lastId;
      const message: Outgoing = {
        cmd,
        id,
        item,
        text: encode(cmd, channel, param, id, ms),
        until: now() + ms,
        end(outcome) {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          settle(outcome);
        },
      };
      const end = (code: string, cause?: unknown) => {
        if (sent.has(id)) put({ text: encode(":cancel", undefined, { id }) });
        finish(message, new SocketError({ code, cause }));
      };
      const abort = () => end("aborted", signal?.reason);
      const timer = setTimeout(end, ms, "timeout");
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      else put(message);
    });

  const tryCall: Client["tryCall"] = (message, options) =>
    call(message, options).then(
      (value) => ({ ok: true, value }),
      (error) => ({ ok: false, error }),
    );

  // Channels: those that this client wants to be in, and what the server says of them.

  const members = new Map<string, Membership>();
  /** Those of the `:connect` of this connection. */
  let named: typeof members | undefined;

  const get = (channel: string) => {
    const member = members.get(channel) ?? { rooms: new Set() };
    members.set(channel, member);
    return member;
  };
  // Nobody joins these.
  descriptor.keeps?.map(get);

  const missed = (channel: string, reason: Gap["reason"]) => {
    if (!tell([`:gap ${channel}`, ":onGap"], { channel, reason }) && reason === "gap")
      report("channel", `${channel}: ${reason}`);
  };

  const joined = (channel: string, said: unknown) => {
    const member = get(channel);
    const result: JoinResult = Object(said);
    const { recovery } = result;
    const hasMissed = member.result === null && recovery !== "complete";
    stand?.(member, result, hasMissed);
    member.result = result;
    tell([`:joined ${channel}`], result);
    if (hasMissed) missed(channel, recovery === "gap" ? recovery : "no-history");
  };

  const closed = (channel: string, error: SocketError) => {
    if (members.delete(channel) && !tell([`:joined ${channel}`, `:closed ${channel}`], error))
      report("channel", `${channel}: ${error.message}`, error);
  };

  const channel = (name: string): Room => {
    const room: Room = {
      name,
      join: () =>
        promiseOf((end) => {
          const known = members.get(name);
          const member = get(name);
          member.rooms.add(room);
          if (member.result) return end(member.result);
          const off = on(`:joined ${name}`, (outcome: JoinResult | SocketError) => {
            off();
            end(outcome);
          });
          // Else `:connect` names it, or did.
          if (!known && named)
            ask(":join", name, undefined, (outcome) => {
              // It may have been left meanwhile.
              if (!member.rooms.size && members.get(name) !== member) return;
              members.set(name, member);
              // Behind a `:closed` this is the server's last word.
              if (!(outcome instanceof SocketError)) joined(name, outcome);
              else if (outcome.code !== "disconnected") closed(name, outcome);
            });
        }),
      leave() {
        members.get(name)?.rooms.delete(room);
        // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
        // a component down and put it up again, and the server need not hear of it.
        setTimeout(() => {
          if (members.get(name)?.rooms.size !== 0) return;
          members.delete(name);
          tell([`:joined ${name}`], new SocketError({ code: "aborted" }));
          if (named) ask(":leave", name);
        });
      },
      // No channel's name holds a space, so the key is its own.
      on: (event, handler) => onEvent(`${event} ${name}`, handler),
      onClosed: (handler) => on(`:closed ${name}`, handler),
      onGap: (handler) => on(`:gap ${name}`, handler),
      send: (cmd, param, options) => send({ cmd, channel: name, param }, options),
      call: (cmd, param, options) => call({ cmd, channel: name, param }, options),
      tryCall: (cmd, param, options) => tryCall({ cmd, channel: name, param }, options),
    };
    return room;
  };

  // Connecting: when there is a connection, when the next one, and when none any more. Each is one
  // WebSocket; once it is given up nothing of it is heard, whatever it still does.

  let ws: WebSocketLike | undefined;
  /** What the last welcome said. Its `session` is in memory only: storage would be shared by a duplicated tab. */
  let server: Fields = {};
  let limits: { readonly message?: number; readonly rate?: unknown; readonly burst?: unknown } = {};
  /** For the next look at what is due. */
  let timer: Timer;
  /** When this state is given up, by the wall clock: a page that slept finds it passed. */
  let deadline: number;
  /** ms from each frame to the deadline. */
  let silence: number;
  /** When the server wants us elsewhere, and when the token is asked for anew. */
  let drainAt: number;
  let renewAt: number;
  let openedAt: number;
  let attempt = 0;
  let refusals = 0;

  /** One lazy timer: frames only move the deadline, and it is looked at when the timer is due. */
  const watch = () => {
    clearTimeout(timer);
    // A clock that was set back must not make a dead connection live longer.
    deadline = Math.min(deadline, now() + silence);
    timer = setTimeout(look, Math.min(deadline, drainAt, renewAt) - now());
  };

  const look = () => {
    if (now() < Math.min(deadline, drainAt)) {
      watch();
      if (now() >= renewAt) refresh();
    } else if (is("waiting")) start();
    else lost("timeout");
  };

  /** `ms`: how long until something else must be. A WebSocket takes up to a minute to close: not awaited. */
  const change = (next: State & { readonly cause?: Cause }, ms: number) => {
    const { cause } = next;
    clearTimeout(timer);
    client.state = state = next;
    const isClosed = is("closed");
    silence = ms;
    deadline = now() + ms;
    if (!is("open")) {
      drainAt = renewAt = Infinity;
      named = undefined;
      // `error` keeps its handler: some implementations throw an error that nobody listens to.
      if (ws) ws.onopen = ws.onmessage = ws.onclose = null;
      ws?.close(isClosed ? 1_000 : undefined);
      ws = undefined;
      queue = queue.filter(({ until }) => until);
      for (const [channel, member] of members) {
        member.result &&= null;
        if (isClosed) tell([`:joined ${channel}`], new SocketError({ code: "disconnected" }));
      }
    }
    if (isClosed) {
      const unsent = queue.filter((message) => !message.end).length;
      for (const message of [...sent.values(), ...queue])
        finish(message, new SocketError({ code: "disconnected", sent: sent.has(message.id) }));
      if (unsent) report("queue", `${unsent} not sent`);
    } else watch();
    flush();
    tell([":state", is("open") ? ":onOpen" : ""], next);
    // The state says it too: the console need not.
    if (cause && cause.kind !== "user" && options.onError) report("connection", cause.message);
  };

  /** Stays away until `connect`. */
  const close = (cause: Cause) => {
    if (is("closed")) return;
    server = {};
    attempt = refusals = 0;
    listen("removeEventListener", wake);
    change({ status: "closed", cause }, 0);
  };

  /** The connection is lost: comes back after a while, if coming back can help. */
  const lost = (message: string, closeCode = 0, upgrade?: unknown) => {
    if (closeCode === 4401) refusals++;
    const kind =
      refusals > 1
        ? "unauthorized"
        : closeCode === 4526
          ? "upgrade-required"
          : closeCode >= 4500
            ? "refused"
            : "lost";
    const cause: Cause = { kind, message, closeCode, upgrade: upgrade as Upgrade };
    if (kind !== "lost") return close(cause);
    // After 5 s that it lasted the next delay is a first one again.
    if (is("open") && now() - openedAt >= 5_000) attempt = 0;
    let delay = random() * Math.min(2e4, numberOf(server["spread"], 2_000) * 2 ** attempt++);
    // Closed for too many messages.
    if (closeCode === 4429) delay += 3_000;
    if (drainAt < Infinity) delay = drainAt - now();
    // Without a sign of life: nobody sent it away, so it need not wait.
    else if (is("open") && !closeCode) delay = 0;
    change({ status: "waiting", attempt, retryAt: now() + delay, cause }, delay);
  };

  /** A token, where there is a provider. Without one to be had this is over. */
  const tokenFor = async (mine: State, expired: boolean) => {
    const token = await provider?.({ expired });
    if (state === mine && provider && token == null)
      close({ kind: "unauthorized", message: "no token" });
    return token;
  };

  const start = async () => {
    const mine: State = { status: "connecting", attempt };
    let address: string | URL | undefined;
    let token: unknown;
    listen("addEventListener", wake);
    change(mine, numberOf(options.connectTimeout, 10_000));
    try {
      address = await (typeof url === "function" ? url() : url);
      token = await tokenFor(mine, refusals > 0);
    } catch (error) {
      // A provider that rejects is a break like any other.
      if (state === mine) lost(`${error}`);
    }
    if (state !== mine) return;
    try {
      // Not every place has a location: a server renders without one, and takes absolute addresses only.
      const { href } = new URL(address as string, (globalThis as Page).location as string);
      dialled(
        new (options.WebSocket ?? WebSocket)(href.replace(/^http/, "ws"), "socket.v1"),
        token,
      );
    } catch (error) {
      close({ kind: "unusable", message: `${error}` });
    }
  };

  const dialled = (socket: WebSocketLike, token: unknown) => {
    ws = socket;
    socket.onopen = () => {
      named = new Map(members);
      const param = {
        token,
        session: server["session"],
        protocol: descriptor.id,
        channels: Object.fromEntries([...named].map(([name, { since }]) => [name, { since }])),
      };
      sent.set(CONNECT_ID, { id: CONNECT_ID, end: welcome } as Outgoing);
      write(encode(":connect", undefined, param, CONNECT_ID));
    };
    socket.onmessage = ({ data }: { data: string }) => {
      trace("<-", data);
      if (is("open")) deadline = now() + silence;
      let messages: unknown[] = [data];
      try {
        messages = [JSON.parse(data)].flat();
      } catch {}
      for (const message of messages) if (ws === socket) hear(message);
    };
    socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
      lost(reason || "closed", code);
    // Never fatal by itself: a close follows, and tells more.
    socket.onerror = () => {};
  };

  /** The page woke up. What the user closed stays closed. */
  const wake = () => {
    if ((globalThis as Page).document?.hidden) return;
    // The network may be back. A server that closed by itself had its reason: its delay holds.
    if (is("waiting") && [0, 1006].includes((state as Waiting).cause.closeCode as number)) start();
    else {
      // 2.5 s for a sign of life after the page woke up. Several events tell of one awakening, and
      // one question is enough.
      if (is("open") && deadline > now() + 2_500) {
        write(encode(":ping"));
        deadline = now() + 2_500;
      }
      watch();
    }
  };

  /** Asks for a new token and hands it in, on the connection that is open. */
  const refresh = async () => {
    const mine = state;
    renewAt = Infinity;
    try {
      const token = await tokenFor(mine, true);
      if (!provider || state !== mine) return;
      const answer = await promiseOf((end) => ask(":refresh", undefined, { token }, end));
      const { expires } = Object(answer);
      if (state !== mine) return;
      renewAt = now() + numberOf(expires, Infinity) * 0.8;
      watch();
    } catch (error) {
      // The old token may still be good. Once it is not, the server closes with 4401.
      if (state === mine) report("connection", `no token: ${error}`, error);
    }
  };

  /** The answer to `:connect`. */
  const welcome = (answer: unknown) => {
    if (answer instanceof SocketError) {
      // The close that follows says what it means.
      if (ws) ws.onclose = ({ code }: { code: number }) => lost(answer.message, code, answer.data);
      return;
    }
    const { connection, user, ping, timeout, expires, resumed, channels } = Object(answer);
    if (typeof connection !== "string") return report("message", "unknown message", answer);
    server = answer as Fields;
    limits = Object(server["limits"]);
    refusals = 0;
    openedAt = now();
    for (const one of sent.values()) {
      const { cmd = "" } = one;
      // The protocol's own that programs may call only ask.
      if (
        one.item ||
        !(cmd[0] === ":" || descriptor.idempotent.includes(cmd) || (resumed && one.until))
      )
        finish(one, new SocketError({ code: "disconnected", sent: true }));
    }
    // Some may wait to be sent again since the last time.
    queue = [...new Set([...sent.values(), ...queue])];
    if (!resumed) due = 0;
    if (provider) renewAt = now() + numberOf(expires, Infinity) * 0.8;
    const mine: State = { status: "open", id: connection, user: user as User | null };
    change(mine, numberOf(ping, 25_000) + numberOf(timeout, 10_000));
    for (const [channel, result] of Object.entries(Object(channels))) {
      const { error } = Object(result);
      // A handler may have disconnected.
      if (state !== mine) return;
      if (error) closed(channel, errorOf(error));
      // Else it was left while `:connect` was on its way.
      else if (members.has(channel) || !(named as typeof members).has(channel))
        joined(channel, result);
    }
  };

  const hear = (said: unknown) => {
    const message = Object(descriptor.revive?.(said, sent) ?? said);
    const { re, error, item, cmd, channel = "", param = {} } = message;
    if (typeof cmd !== "string" || typeof channel !== "string") {
      const asked = sent.get(re);
      if (asked && item !== undefined) asked.item?.(item);
      else if (asked) finish(asked, error ? errorOf(error) : param);
      else if (!(re > CONNECT_ID && re <= lastId))
        report("message", error?.message ?? "unknown message", message);
    } else if (cmd === ":ping") write(encode(":pong"));
    else if (cmd === ":error") report("server", errorOf(param).message, errorOf(param));
    else if (cmd === ":refresh") refresh();
    else if (cmd === ":joined") joined(channel, param);
    else if (cmd === ":closed") closed(channel, errorOf(param?.reason));
    else if (cmd === ":gap") {
      const member = members.get(channel);
      if (!member) return;
      stand?.(member, param, true);
      missed(channel, "gap");
    } else if (cmd === ":drain") {
      const [min, max] = [param?.after].flat();
      const from = numberOf(min, 0);
      drainAt = now() + from + random() * (numberOf(max, from) - from);
      watch();
    } else if (cmd === "close-connection") close({ kind: "asked", message: cmd });
    else if (cmd !== ":pong") {
      const then = state;
      if (
        isNext?.(members.get(channel), message, () => missed(channel, "gap")) === false ||
        state !== then
      )
        return;
      message.param = param;
      const isKnown = descriptor.events.includes(cmd);
      // These the protocol itself tells, beside the events of each definition.
      if (isKnown || /^(online|presence)-update$/.test(cmd))
        tell([cmd, `${cmd} ${channel}`, isKnown ? ":onMessage" : ""], message);
      else if (!tell([":onUnknown"], message)) report("message", "unknown message", message);
    }
  };

  for (const [name, handler] of Object.entries(options))
    if (handler) on(`:${name}`, handler as Listener);
  const connect = () => {
    if (!is("open") && !is("connecting")) start();
  };
  const all: Client = {
    state,
    subscribe(listener) {
      const off = on(":state", listener);
      // At once, as the stores of Svelte do: who listens need not read `state` first.
      listener(state);
      return off;
    },
    connect,
    disconnect: () => close({ kind: "user", message: "disconnected" }),
    send,
    call,
    tryCall,
    on: onEvent,
    channel,
  };
  Object.assign(client, all);
  if (options.connect !== false) connect();
}
