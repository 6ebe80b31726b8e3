// Client: joins the parts. It knows names and no types; state comes first and callbacks last, because
// a handler may do anything, disconnecting included.

import { type Call, type CallOptions, Calls, errorOf, isCall, lostCall } from "./calls.js";
import { Emitter } from "./emitter.js";
import { SocketError } from "./errors.js";
import { Lifecycle } from "./lifecycle.js";
import { Memberships } from "./memberships.js";
import { type ErrorSource, MAX_TIMER, type Options, type Settings, settle } from "./options.js";
import { Outbox } from "./outbox.js";
import { Room } from "./room.js";
import type { State } from "./state.js";
import type {
  AnyProtocol,
  Descriptor,
  EventMessage,
  Off,
  Result,
  SendOptions,
  SendResult,
} from "./types.js";
import {
  byteLength,
  CONNECT_ID,
  decode,
  encode,
  field,
  type Incoming,
  numberOf,
  revive,
  withFields,
} from "./wire.js";

export type AnyCommand = { cmd: string; channel?: string; param?: unknown };
export type AnyHandler = (param: unknown, message: EventMessage<string, unknown>) => void;

export class Client {
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
