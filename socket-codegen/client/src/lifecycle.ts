// Lifecycle: when there is a connection, when there is the next one, and when there is none any more.

import { delayOf, endOf } from "./backoff.js";
import { Connection, type Loss } from "./connection.js";
import { SocketError } from "./errors.js";
import { type ErrorSource, MAX_TIMER, type Settings } from "./options.js";
import type { Cause, State } from "./state.js";
import type { AnyProtocol } from "./types.js";
import { onWake } from "./wake.js";
import { encode, field, isFields, numberOf, textOf } from "./wire.js";

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

export class Lifecycle {
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
