// A connection of the mock server, and what goes over it.

import type { User, WebSocketLike } from "../index.js";

export type Fields = { readonly [name: string]: unknown };

/** One connection, as its client sees it. */
export class MockConnection implements WebSocketLike {
  readonly bufferedAmount = 0;
  /** Tests say themselves when time passes, and see at once what they send. */
  readonly inTurn = true;
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly channels: Set<string> = new Set();
  /** The calls that are being answered, by id, and what stops the stream of one. */
  readonly running: Map<unknown, () => void> = new Map();
  /** The client was let in: then it has a name, and may be somebody. */
  open = false;
  id = "";
  user: User | null = null;
  ended = false;
  hear: (text: string) => void = () => {};
  closed: () => void = () => {};

  send(data: string): void {
    if (!this.ended) this.hear(data);
  }

  close(): void {
    this.ended = true;
    this.closed();
    for (const id of [...this.running.keys()]) this.stop(id);
  }

  says(message: Fields): void {
    if (!this.ended) this.onmessage?.({ data: JSON.stringify(message, digits) } as never);
  }

  /** The server, or the network, ends it. */
  end(code: number, reason: string): void {
    if (this.ended) return;
    this.close();
    this.onclose?.({ code, reason } as never);
  }

  /** Ends a call that is being answered. `false`: there is none. */
  stop(id: unknown): boolean {
    const stop = this.running.get(id);
    this.running.delete(id);
    stop?.();
    return stop !== undefined;
  }
}

/** As the client's codec writes it: a `bigint` is its digits. */
export function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** The server's no: what a handler gives back instead of a reply. Made by `refuse`. */
export class Refusal<E> {
  readonly error: E;

  constructor(error: E) {
    this.error = error;
  }
}

export function answer(connection: MockConnection, re: unknown, outcome: unknown): void {
  if (outcome instanceof Refusal) connection.says({ re, error: wire(outcome.error) });
  else connection.says({ re, param: outcome ?? {} });
}

export function wire(error: { code: string; message?: string }): Fields {
  return { message: error.code, ...error };
}

export function closeCodeOf(code: string): number {
  return { unauthorized: 4401, forbidden: 4401, "upgrade-required": 4526 }[code] ?? 1001;
}
