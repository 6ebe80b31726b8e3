// Errors: one class that is thrown, and the codes that the protocol itself knows.

import type { Upgrade } from "./state.js";

/**
 * The protocol's own errors. A command's own ones stand beside them in the emitted file, and a switch
 * over `code` tells them apart. A newer server may send a code that is not listed: keep a `default`.
 */
export type BuiltinError =
  | Fault<"invalid-message" | "unauthorized" | "forbidden" | "not-joined">
  | Fault<"unknown-channel" | "invalid-channel" | "timeout" | "cancelled">
  | Fault<"outcome-unknown" | "unavailable" | "aborted" | "queue-full">
  | Fault<"unknown-command", { readonly cmd: string; readonly similar?: string }>
  | Fault<"invalid-param", { readonly path: string; readonly reason: string }>
  | Fault<"rate-limited", { readonly retryAfter: number }>
  | Fault<"too-large" | "too-many", { readonly limit: number }>
  | Fault<"upgrade-required", Upgrade>
  | Fault<"internal", { readonly incident: string }>
  | (Fault<"disconnected"> & {
      /** Whether the server may have got the command, and may have done it. */
      readonly sent: boolean;
    });

/** One error: a stable `code`, a `message` for people, and what the code declares as `data`. */
export interface Fault<Code extends string, Data = unknown> {
  readonly code: Code;
  readonly message: string;
  readonly data: Data;
}

/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
  /** Kebab-case and stable: the protocol's, the command's own, or one that only the client makes. */
  declare readonly code: string;
  /** What the code declares. Checked by nobody: it is what the server sent. */
  declare readonly data: unknown;
  /** With `disconnected`: whether the server may have got the command. Else `false`. */
  declare readonly sent: boolean;

  /** The message is the code where none is given. */
  constructor({ code = "internal", message = code, data, sent = false, cause }: ErrorFields) {
    super(message, { cause });
    Object.assign(this, { name: "SocketError", code, data, sent });
  }
}

/** What a `SocketError` is made of, on the wire too: fields that it does not know are left out. */
export interface ErrorFields {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly data?: unknown;
  readonly sent?: boolean | undefined;
  readonly cause?: unknown;
}

/** What the server sent as an error. */
export function errorOf(error: unknown): SocketError {
  return new SocketError(Object(error));
}

/** Told the end of something: the error, or all else for success. */
export type End<Value = unknown> = (outcome: Value | SocketError) => void;

/** A promise of something that ends. */
export function promiseOf<Value>(start: (end: End<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) =>
    start((outcome) => (outcome instanceof SocketError ? reject : resolve)(outcome as Value)),
  );
}
