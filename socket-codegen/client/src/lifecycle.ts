// Lifecycle: when there is a connection, when the next one, and when none any more. Each is one
// WebSocket; once it is given up nothing of it is heard, whatever it still does.

import { delayOf, endOf } from "./backoff.js";
import { type End, promiseOf, type SocketError } from "./errors.js";
import {
  addressOf,
  later,
  type Options,
  type Report,
  type WebSocketClass,
  type WebSocketLike,
} from "./options.js";
import type { Cause, State, Upgrade, User } from "./state.js";
import type { AnyProtocol } from "./types.js";
import { onWake } from "./wake.js";
import { CONNECT_ID, encode, type Fields, fieldsOf, numberOf, SUBPROTOCOL } from "./wire.js";

export type Lifecycle = readonly [
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
export function createLifecycle(
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
