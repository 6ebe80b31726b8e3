// Calls: which answer belongs to whom, and what becomes of a call when the connection breaks.

import { SocketError } from "./errors.js";
import type { Outgoing } from "./queue.js";
import { CONNECT_ID, field, textOf, withFields } from "./wire.js";

export interface CallOptions {
  /** ms until it ends with `timeout`. Default: the option `callTimeout`. */
  timeout?: number;
  /** Ends it with `aborted`, and tells the server to stop. */
  signal?: AbortSignal;
}

/**
 * After which breaks a call is sent again: `never` for the protocol's own, of which `:connect` says
 * what still holds; `resumed` where the server knows whether it ran; `always` where running it twice
 * does no harm.
 */
export type Again = "never" | "resumed" | "always";

/** One call, from the moment it is made to its end. */
export interface Call extends Outgoing {
  /** 0 until it is sent. */
  id: number;
  readonly again: Again;
  /** Gives the text as it goes out now, and takes the call for sent. */
  readonly stamp: () => string;
  /** Told the end: a `SocketError`, or the reply. Runs before the next message is looked at. */
  readonly end: (outcome: unknown) => void;
}

/** The calls that were sent and not answered, in the order in which they were sent. */
export class Calls {
  readonly #inFlight = new Map<number, Call>();
  /** Given up here, while the server still owes an answer that nobody waits for. */
  readonly #abandoned = new Set<number>();
  #lastId = CONNECT_ID;

  /** Makes a call. `timeLeft`: ms after which the caller no longer wants the answer, asked when sent. */
  make(text: string, again: Again, end: Call["end"], timeLeft?: () => number): Call {
    const call: Call = {
      id: 0,
      text,
      again,
      end,
      stamp: () => {
        call.id ||= ++this.#lastId;
        this.#inFlight.set(call.id, call);
        return withFields(text, { id: call.id, timeout: timeLeft?.() });
      },
    };
    return call;
  }

  /** The caller no longer waits. An answer that still comes is no surprise. */
  abandon(call: Call): void {
    if (this.#inFlight.delete(call.id)) this.#abandoned.add(call.id);
  }

  /** Ends the call that an answer belongs to. `false`: there is none. */
  answer(re: number, outcome: unknown): boolean {
    const call = this.#inFlight.get(re);
    if (!call) return this.#abandoned.delete(re);
    this.#end(call, outcome);
    return true;
  }

  /** The connection broke. What cannot be sent again ends here. `kept`: the session may go on. */
  broken(kept: boolean): void {
    if (!kept) this.#abandoned.clear();
    for (const call of this.#inFlight.values()) {
      const mayGoOn = call.again === "always" || (kept && call.again === "resumed");
      if (!mayGoOn) this.#end(call, lostCall(true));
    }
  }

  /** What must be sent again: on a resumed session under the same id, and the server runs it once. */
  resend(resumed: boolean): Call[] {
    if (resumed) return [...this.#inFlight.values()];
    this.broken(false);
    const calls = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const call of calls) call.id = 0;
    return calls;
  }

  /** Ends everything in flight. */
  fail(): void {
    for (const call of this.#inFlight.values()) this.#end(call, lostCall(true));
  }

  #end(call: Call, outcome: unknown): void {
    this.#inFlight.delete(call.id);
    call.end(outcome);
  }
}

export function lostCall(sent: boolean): SocketError {
  const message = sent ? "the connection broke before the answer came" : "the socket is closed";
  return new SocketError("disconnected", message, { sent });
}

export function errorOf(error: unknown): SocketError {
  const code = textOf(field(error, "code"), "internal");
  return new SocketError(code, textOf(field(error, "message"), code), {
    data: field(error, "data"),
  });
}

export function isCall(message: Outgoing): message is Call {
  return "end" in message;
}
