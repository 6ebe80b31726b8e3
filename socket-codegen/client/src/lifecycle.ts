// Lifecycle: when there is a connection, when the next one, and when none any more. Each is one
// WebSocket; once it is given up nothing of it is heard, whatever it still does.

import { delayOf, endOf } from "./backoff.js";
import type { End } from "./errors.js";
import { SocketError } from "./errors.js";
import {
  addressOf,
  CONNECT_TIMEOUT,
  type ErrorSource,
  later,
  type Options,
  PING,
  PING_TIMEOUT,
  RATE_LIMIT_DELAY,
  REFRESH_AHEAD,
  SPREAD,
  STABLE_AFTER,
  WAKE_TIMEOUT,
  type WebSocketClass,
  type WebSocketLike,
} from "./options.js";
import type { Cause, State, Upgrade, User } from "./state.js";
import type { AnyProtocol } from "./types.js";
import { onWake } from "./wake.js";
import { encode, fieldsOf, numberOf, SUBPROTOCOL } from "./wire.js";

export interface Lifecycle {
  readonly connect: () => void;
  /** Stays away until `connect()`. */
  readonly close: (kind: Cause["kind"], message: string) => void;

  readonly send: (text: string) => void;
  /** The answer to `:connect`. */
  readonly welcome: (welcome: unknown) => void;
  /** The other answer to `:connect`. The close that follows is not waited for. */
  readonly refused: (error: SocketError) => void;
  /** The server goes away, and names the window in which to be elsewhere, in ms from now. */
  readonly drain: (after: unknown) => void;
  /** Asks for a new token and hands it in, on the connection that is open. */
  readonly refresh: () => Promise<void>;
}

type Timer = ReturnType<typeof setTimeout>;

/**
 * `hello` gives the first frame. `changed` is told each state first, before anybody else, and with
 * `open` the WebSocket and what the server said.
 */
export function createLifecycle(
  options: Options<AnyProtocol>,
  now: () => number,
  hello: (token: unknown, session: unknown) => string,
  frame: (data: unknown, isOver: () => boolean) => void,
  changed: (state: State, socket?: WebSocketLike, welcome?: unknown) => void,
  report: (source: ErrorSource, message: string) => void,
  handIn: (token: string, end: End) => void,
): Lifecycle {
  const { url, token: provider, connectTimeout = CONNECT_TIMEOUT, random = Math.random } = options;
  let state: State = { status: "idle" };
  let ws: WebSocketLike | undefined;
  /** When it is given up, by the wall clock: a page that slept finds it passed. */
  let deadline = 0;
  /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
  let silence = 0;
  let watchdog: Timer | undefined;
  /** The next attempt, or the move to another server that `:drain` asked for. */
  let retry: Timer | undefined;
  let renewal: Timer | undefined;
  /** Listens to the page for its wake-up. */
  let wakes: AbortController | undefined;
  let attempt = 0;
  let refusals = 0;
  let openedAt = 0;
  /** When `:drain` wants us elsewhere; 0 for not at all. */
  let drainAt = 0;
  let spread = SPREAD;
  /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
  let session: unknown;

  const change = (next: State, welcome?: unknown) => {
    state = Object.freeze(next);
    changed(state, ws, welcome);
  };

  const send = (text: string) => {
    trace("->", text);
    ws?.send(text);
  };

  const trace = (arrow: string, data: unknown) => {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (options.debug) console.debug(arrow, data);
  };

  /** Gives the connection up. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
  const hangUp = (closeCode?: number) => {
    for (const timer of [watchdog, retry, renewal]) clearTimeout(timer);
    if (!ws) return;
    // `error` keeps its handler: some implementations throw an error that nobody listens to.
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close(closeCode);
    ws = undefined;
  };

  const close = (kind: Cause["kind"], message: string, closeCode?: number, upgrade?: Upgrade) => {
    if (state.status === "closed") return;
    session = undefined;
    wakes?.abort();
    wakes = undefined;
    hangUp(1000);
    change({ status: "closed", cause: { kind, message, closeCode, upgrade } });
  };

  /** The connection is lost: comes back after a while, if coming back can help. */
  const lost = (message: string, closeCode?: number, wait?: number) => {
    if (closeCode === 4401) refusals++;
    const end = refusals > 1 ? "unauthorized" : endOf(closeCode);
    if (end) return close(end, message, closeCode);
    if (state.status === "open" && now() - openedAt >= STABLE_AFTER) attempt = 0;
    let delay = delayOf(random, spread, attempt++);
    if (closeCode === 4429) delay = Math.max(delay, RATE_LIMIT_DELAY);
    if (drainAt) delay = Math.max(0, drainAt - now());
    delay = wait ?? delay;
    hangUp();
    retry = later(start, delay);
    change({
      status: "waiting",
      attempt,
      retryAt: now() + delay,
      cause: { kind: "lost", message, closeCode },
    });
  };

  /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
  const watch = () => {
    clearTimeout(watchdog);
    // A clock that was set back must not make a dead connection live longer.
    deadline = Math.min(deadline, now() + (silence || connectTimeout));
    const left = deadline - now();
    if (left > 0) watchdog = later(watch, left);
    // Nobody sent it away, so it need not wait.
    else if (silence) lost("no sign of life", undefined, 0);
    else lost("connecting timed out");
  };

  const start = async () => {
    const mine: State = { status: "connecting", attempt };
    hangUp();
    wakes ??= onWake(wake);
    drainAt = silence = 0;
    deadline = now() + connectTimeout;
    watch();
    change(mine);
    try {
      const [address, token] = await Promise.all([
        typeof url === "function" ? url() : url,
        provider?.({ expired: refusals > 0 }),
      ]);
      if (state === mine) dial(address, token);
    } catch (error) {
      // A provider that rejects is a break like any other.
      if (state === mine) lost(`no url or token: ${error}`);
    }
  };

  const dial = (address: string | URL, token: string | null | undefined) => {
    if (provider && token == null) return close("unauthorized", "no token");
    let socket: WebSocketLike;
    try {
      const Class = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
      socket = new (Class as WebSocketClass)(addressOf(address), SUBPROTOCOL);
    } catch (error) {
      return close("unusable", `no usable url or WebSocket: ${error}`);
    }
    ws = socket;
    ws.onopen = () => send(hello(token, session));
    ws.onmessage = ({ data }: { data: unknown }) => {
      trace("<-", data);
      if (silence) deadline = now() + silence;
      frame(data, () => ws !== socket);
    };
    ws.onclose = ({ code, reason }: { code: number; reason: string }) =>
      lost(reason || `closed with ${code}`, code);
    // Never fatal by itself: a close follows, and tells more.
    ws.onerror = () => {};
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
    const soon = now() + WAKE_TIMEOUT;
    // Before the welcome there is one deadline. Several events tell of one awakening, and one
    // question is enough.
    if (!silence || deadline <= soon) return;
    send(encode(":ping"));
    deadline = soon;
    watch();
  };

  const refresh = async () => {
    const mine = state;
    try {
      const token = await provider?.({ expired: true });
      if (!provider || state !== mine) return;
      if (token == null) return close("unauthorized", "no token");
      handIn(token, (answer) => {
        if (state !== mine) return;
        if (answer instanceof SocketError) report("connection", answer.message);
        else renewBefore(fieldsOf(answer)["expires"]);
      });
    } catch (error) {
      // The old token may still be good. Once it is not, the server closes with 4401.
      if (state === mine) report("connection", `no new token: ${error}`);
    }
  };

  const renewBefore = (expires: unknown) => {
    clearTimeout(renewal);
    if (typeof expires !== "number" || !provider) return;
    // A short-lived token is renewed at half its life.
    renewal = later(refresh, Math.max(expires - REFRESH_AHEAD, expires / 2));
  };

  return {
    connect() {
      const { status } = state;
      if (status === "connecting" || status === "open") return;
      if (status !== "waiting") attempt = refusals = 0;
      start();
    },
    close,
    send,
    welcome(welcome) {
      const { connection, user, ping, timeout, expires, ...more } = fieldsOf(welcome);
      ({ session } = more);
      spread = numberOf(more["spread"], SPREAD);
      refusals = 0;
      openedAt = now();
      silence = numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT);
      deadline = openedAt + silence;
      watch();
      renewBefore(expires);
      const who = typeof user === "object" ? (user as User | null) : null;
      change({ status: "open", id: connection as string, user: who }, welcome);
    },
    refused({ code, message, data }) {
      if (code === "upgrade-required") close(code, message, 4526, data as Upgrade);
      else lost(message, code === "unauthorized" ? 4401 : undefined);
    },
    drain(after) {
      const [min, max] = [after].flat();
      const from = numberOf(min, 0);
      const delay = from + random() * Math.max(0, numberOf(max, spread) - from);
      drainAt = now() + delay;
      clearTimeout(retry);
      retry = later(() => lost("draining"), delay);
    },
    refresh,
  };
}
