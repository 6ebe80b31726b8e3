// Options: what the user may set, each with its unit, its default and its meaning.

import type { Gap } from "./channels/membership.js";
import type { SocketError } from "./errors.js";
import type { Message, ProtocolShape, UnknownMessage } from "./types.js";

/** What the client needs of a WebSocket: the one of browsers and the one of the package `ws` have it. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  /**
   * `true` where whoever awaits one message goes on before the next is handed over, so that the client need not
   * see to it. The server for tests says so. Default: the client sees to it.
   */
  readonly inTurn?: boolean;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;

/** Which part of the client an error comes from: the first argument of `onError`. */
export type ErrorSource =
  /** The connection was lost or refused, as `state` says too; or there was no new token for it. */
  | "connection"
  /** A message given to `send` cannot be written as JSON. It was not sent. */
  | "send"
  /** The server refused a message that was sent without waiting for its reply. */
  | "server"
  /** The server sent something that is not of the protocol. */
  | "message"
  /** A channel was lost: the server took this connection out, or did not let it in again. */
  | "channel"
  /** Messages that waited in the queue were given up. */
  | "queue"
  /** One of your functions threw. */
  | "handler";

/** What a socket is made of. `onGap` is required where the protocol keeps history. */
export type Options<P extends ProtocolShape<P>> = AllOptions<P> & GapOption<P>;

/**
 * Called when events of a channel may be missing, before the next one comes. Required where the
 * protocol keeps history, since the program must say what it does then; `room.onGap` is told too.
 * Default: a `gap` that nobody listens to is reported to `onError`.
 */
type GapOption<P> = P extends { history: true }
  ? { onGap: (gap: Gap) => void }
  : { onGap?: (gap: Gap) => void };

interface AllOptions<P extends ProtocolShape<P>> {
  /**
   * Where the server is: absolute, or relative to the page. `http` and `https` are read as `ws` and
   * `wss`. A function is asked at every attempt, and may take its time.
   */
  url: string | URL | (() => string | URL | Promise<string | URL>);
  /**
   * The token for the first message, asked for at every attempt. `expired`: the server refused the
   * last one, or it is about to run out. `null` stops the client: the state is `closed`, the cause
   * `unauthorized`. Default: none, for servers that go by a cookie.
   */
  token?: (ask: { readonly expired: boolean }) => string | null | Promise<string | null>;
  /** Writes every frame to the console, with tokens, sessions and passwords masked. Default `false`. */
  debug?: boolean;
  /** Called after every welcome of the server, when everything that waited is on its way. */
  onOpen?: () => void;
  /** Called with every event of the protocol, after the handlers given to `on`. */
  onMessage?: (message: Message<P>) => void;
  /** Called with an event that the protocol does not list. Default: reported to `onError`. */
  onUnknown?: (message: UnknownMessage) => void;
  /**
   * Called with everything that goes wrong and that nobody waits for. Default: `console.error`, a lost
   * connection apart, which the state shows.
   */
  onError?: (source: ErrorSource, message: string, error: SocketError) => void;
  /** Connect at once. Default `true`; with `false`, `connect()` starts it. */
  connect?: boolean;
  /** ms until a call without an answer ends with `timeout`. Default 10,000. */
  callTimeout?: number;
  /** ms for one attempt to connect, token and URL included, below 10^9. Default 10,000. */
  connectTimeout?: number;
  /** The WebSocket to use. Default: the global one, which Node has from version 22 on. */
  WebSocket?: WebSocketClass;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: () => number;
  /** A number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}
