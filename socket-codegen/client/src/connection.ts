// Connection: one WebSocket from the first token to its end. When it has ended nothing of it is heard
// any more, whatever the WebSocket still does.

import { addressOf, type Settings, type WebSocketClass, type WebSocketLike } from "./options.js";
import type { AnyProtocol } from "./types.js";
import { encode, SUBPROTOCOL } from "./wire.js";

/** How a connection ended, if not by us. */
export interface Loss {
  readonly message: string;
  /** The code of the close frame, where one came. */
  readonly closeCode?: number;
  /** Coming back would end in the same way. */
  readonly final?: "unauthorized" | "unusable";
}

/** The parts of the settings that a connection goes by. */
export type ConnectionSettings = Pick<
  Settings<AnyProtocol>,
  "url" | "token" | "debug" | "WebSocket" | "connectTimeout" | "wakeTimeout" | "now"
>;

/** The global scope, of which neither browser nor Node is assumed. */
interface Host {
  readonly WebSocket?: WebSocketClass;
}

interface ConnectionHooks {
  /** Gives the first frame. */
  readonly hello: (token: string | undefined) => string;
  readonly frame: (data: unknown) => void;
  readonly lost: (loss: Loss) => void;
}

export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #hooks: ConnectionHooks;
  #socket: WebSocketLike | undefined;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When it is given up, by the wall clock: a page that slept finds it passed. */
  #deadline: number;
  /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
  #silence = 0;

  constructor(settings: ConnectionSettings, expired: boolean, hooks: ConnectionHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#deadline = settings.now() + settings.connectTimeout;
    this.#watch();
    this.#dial(expired).catch((error: unknown) => {
      // A provider that rejects is a break like any other.
      this.#lose({ message: `no url or token: ${String(error)}` });
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that the WebSocket holds back. */
  get buffered(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    this.#trace("->", text);
    this.#socket?.send(text);
  }

  /** From the welcome on: a connection that says nothing for this long is dead. */
  expectFrames(silence: number): void {
    this.#silence = silence;
    this.#deadline = this.#settings.now() + silence;
    this.#watch();
  }

  /** The page woke up: what is dead is given up now, and what is silent soon. */
  probe(): void {
    this.#watch();
    const soon = this.#settings.now() + this.#settings.wakeTimeout;
    // Several events tell of one awakening: one question is enough.
    if (this.#ended || !this.#silence || this.#deadline <= soon) return;
    this.send(encode(":ping", undefined, undefined));
    this.#deadline = soon;
    this.#watch();
  }

  /** Ends it from our side. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
  end(closeCode?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket) return;
    // `error` keeps a handler: some implementations throw an error that nobody listens to.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    socket.close(closeCode);
  }

  #lose(loss: Loss): void {
    if (this.#ended) return;
    this.end();
    this.#hooks.lost(loss);
  }

  async #dial(expired: boolean): Promise<void> {
    const { url, token } = this.#settings;
    const [where, secret] = await Promise.all([
      typeof url === "function" ? url() : url,
      token?.({ expired }),
    ]);
    if (this.#ended) return;
    if (secret === null) return this.#lose({ message: "there is no token", final: "unauthorized" });
    const Class = this.#settings.WebSocket ?? (globalThis as Host).WebSocket;
    if (!Class) {
      const message = "there is no WebSocket here: give one as the option `WebSocket`";
      return this.#lose({ message, final: "unusable" });
    }
    let socket: WebSocketLike;
    try {
      socket = new Class(addressOf(where), SUBPROTOCOL);
    } catch (error) {
      return this.#lose({ message: `not a usable url: ${String(error)}`, final: "unusable" });
    }
    this.#socket = socket;
    socket.onopen = () => this.send(this.#hooks.hello(secret));
    socket.onmessage = (event: { data: unknown }) => {
      this.#trace("<-", event.data);
      if (this.#silence) this.#deadline = this.#settings.now() + this.#silence;
      this.#hooks.frame(event.data);
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      const message = event.reason || `the connection was closed with ${event.code}`;
      this.#lose({ message, closeCode: event.code });
    };
    // Never fatal by itself: a close follows, and tells more.
    socket.onerror = () => {};
  }

  /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
  #watch(): void {
    clearTimeout(this.#timer);
    const now = this.#settings.now();
    // A clock that was set back must not make a dead connection live longer.
    this.#deadline = Math.min(
      this.#deadline,
      now + (this.#silence || this.#settings.connectTimeout),
    );
    const left = this.#deadline - now;
    if (left > 0) this.#timer = setTimeout(() => this.#watch(), left);
    else this.#lose({ message: this.#silence ? "no sign of life" : "connecting took too long" });
  }

  #trace(direction: "->" | "<-", frame: unknown): void {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (this.#settings.debug) console.debug(direction, frame);
  }
}
