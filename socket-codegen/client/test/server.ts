// A server that does what the test says: the other end of an injected WebSocket.

import { vi } from "vitest";
import { type Message, type Protocol, Socket } from "./fixtures/chat/chat.ts";
import type { Options, State } from "./fixtures/chat/socket.ts";

type Frame = { [field: string]: unknown };

export const WELCOME = {
  connection: "c1",
  user: null,
  resumed: false,
  ping: 25_000,
  timeout: 10_000,
  spread: 2_000,
  limits: { message: 65_536, channels: 128, rate: 50, burst: 100 },
  channels: {},
};

/** One WebSocket as the client made it. */
export class FakeWebSocket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  bufferedAmount = 0;
  /** What is said is seen at once: most tests are about something else than turns. */
  readonly inTurn: boolean = true;
  closedWith: number | "none" | undefined;
  readonly sent: Frame[] = [];
  readonly url: string;
  readonly protocol: string;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code?: number): void {
    // Closing what is closing changes nothing.
    this.closedWith ??= code ?? "none";
  }

  /** The upgrade succeeded. */
  open(): void {
    this.onopen?.({} as never);
  }

  /** The server sends a frame: an object, an array, or text as it is. */
  says(frame: unknown): void {
    const data = typeof frame === "string" ? frame : JSON.stringify(frame);
    this.onmessage?.({ data } as never);
  }

  /** The server, or the network, ends it. */
  ends(code: number, reason = ""): void {
    this.onerror?.({} as never);
    this.onclose?.({ code, reason } as never);
  }

  welcome(changes: Frame = {}): void {
    this.open();
    this.says({ re: 1, param: { ...WELCOME, ...changes } });
  }

  /** What the client sent beyond `:connect` and `:pong`. */
  get commands(): Frame[] {
    return this.sent.filter(({ cmd }) => cmd !== ":connect" && cmd !== ":pong");
  }

  get connect(): Frame {
    return this.sent.find(({ cmd }) => cmd === ":connect")?.["param"] as Frame;
  }
}

/** The parts of a WebSocket class that make each instance known. */
export function recorded(
  sockets: FakeWebSocket[],
  Base: typeof FakeWebSocket = FakeWebSocket,
): typeof FakeWebSocket {
  return class extends Base {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this);
    }
  };
}

/** A client, everything that it told, and all the WebSockets that it made. */
export function client(options: Partial<Options<Protocol>> = {}) {
  const sockets: FakeWebSocket[] = [];
  const messages: Message[] = [];
  const errors: { source: string; message: string; code: string }[] = [];
  const states: State[] = [];
  const onOpen = vi.fn();
  const socket = new Socket({
    url: "wss://example.test/socket",
    WebSocket: recorded(sockets),
    random: () => 0.5,
    onOpen,
    onMessage: (message) => messages.push(message),
    onError: (source, message, { code }) => errors.push({ source, message, code }),
    ...options,
  });
  socket.subscribe((state) => states.push(state));
  return {
    socket,
    sockets,
    messages,
    errors,
    states,
    onOpen,
    /** The newest WebSocket. */
    get ws(): FakeWebSocket {
      const last = sockets.at(-1);
      if (!last) throw new Error("no WebSocket was made");
      return last;
    },
  };
}

/** Lets promises settle, and timers that are due now. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Lets time pass. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** A client that the server has let in. */
export async function opened(options: Partial<Options<Protocol>> = {}, welcome: Frame = {}) {
  const made = client(options);
  await settle();
  made.ws.welcome(welcome);
  return made;
}
