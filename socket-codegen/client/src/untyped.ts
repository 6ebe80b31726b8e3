// Untyped: a socket of which nothing but names is known. What typed functions find behind a `Socket`.

import type { Gap, JoinResult } from "./channels/membership.js";
import type { SocketError } from "./errors.js";
import type { State } from "./state.js";
import type { CallOptions, EventMessage, Off, Result, SendOptions, SendResult } from "./types.js";

export type AnyCommand = { cmd: string; channel?: string; param?: unknown };
export type AnyEvent = EventMessage<string, unknown>;
export type AnyHandler = (param: unknown, message: AnyEvent) => void;

/** What streams ask of a call beside what programs may. */
export interface AnyCallOptions extends CallOptions {
  readonly item?: ((item: unknown) => void) | undefined;
}

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
