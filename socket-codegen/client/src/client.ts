// Client: joins the parts. It knows names and no types; state comes first and callbacks last, because
// a handler may do anything, disconnecting included.

import { createChannels, type Gap, type JoinResult } from "./channels.js";
import { createEmitter } from "./emitter.js";
import { type End, errorOf, promiseOf, SocketError } from "./errors.js";
import { createLifecycle } from "./lifecycle.js";
import {
  later,
  MAX_TIMER,
  type Options,
  type Report,
  shout,
  type WebSocketLike,
} from "./options.js";
import { createOutbox, type Outgoing } from "./outbox.js";
import type { State } from "./state.js";
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
import { CONNECT_ID, encode, fieldsOf } from "./wire.js";

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

/** Makes a client of `client`: the object that programs hold. */
export function createClient(
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
