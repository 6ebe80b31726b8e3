// Client: joins the parts. It knows names and no types; state comes first and callbacks last, because
// a handler may do anything, disconnecting included.

import { createChannels, type Gap, type JoinResult } from "./channels.js";
import { createEmitter } from "./emitter.js";
import { type End, errorOf, promiseOf, SocketError } from "./errors.js";
import { createLifecycle } from "./lifecycle.js";
import {
  CALL_TIMEOUT,
  type ErrorSource,
  later,
  MAX_TIMER,
  type Options,
  shout,
  type WebSocketLike,
} from "./options.js";
import { createOutbox, type Outgoing } from "./outbox.js";
import type { Cause, State } from "./state.js";
import type {
  AnyProtocol,
  CallOptions,
  Descriptor,
  EventMessage,
  Off,
  Result,
  Revived,
  SendOptions,
  SendResult,
} from "./types.js";
import { byteLength, CONNECT_ID, encode, fieldsOf, numberOf, withFields } from "./wire.js";

export type AnyCommand = { cmd: string; channel?: string; param?: unknown };
type AnyEvent = EventMessage<string, unknown>;
type AnyHandler = (param: unknown, message: AnyEvent) => void;

/** What streams ask of a call beside what programs may. */
export interface AnyCallOptions extends CallOptions {
  readonly item?: (item: unknown) => void;
}

/** A socket, of which nothing but the names is known. */
export interface Client {
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
export interface Room {
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

export function createClient(
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
