// Calls: which reply belongs to whom, and what becomes of a call when the connection breaks.

import { SocketError } from "./errors.js";
import type { Outgoing } from "./queue.js";
import { CONNECT_ID, field, textOf, withFields } from "./wire.js";

export interface CallOptions {
  /** ms until it ends with `timeout`. Default: the option `callTimeout`. */
  timeout?: number;
  /** Ends it with `aborted`, and tells the server to stop. */
  signal?: AbortSignal;
}

/** One call, from the moment it is made to its end. */
export interface Call extends Outgoing {
  /** 0 until it is sent. */
  id: number;
  readonly idempotent: boolean;
  /** Gives the text as it goes out now, and takes the call for sent. */
  readonly stamp: () => string;
  /** Ends it: a `SocketError` rejects, anything else is the reply. */
  readonly end: (outcome: unknown) => void;
}

interface CallSpec extends CallOptions {
  readonly text: string;
  readonly idempotent: boolean;
  readonly now: () => number;
  /** Told when the caller gave up before the answer came. */
  readonly abandoned: (call: Call, aborted: boolean) => void;
}

/** The calls that were sent and not answered, in the order in which they were sent. */
export class Calls {
  readonly #inFlight = new Map<number, Call>();
  /** Given up here, while the server still owes an answer that nobody waits for. */
  readonly #abandoned = new Set<number>();
  #lastId = CONNECT_ID;

  /** Makes a call. It is in flight from the moment when its text is asked for with `stamp`. */
  make(spec: CallSpec): { readonly call: Call; readonly reply: Promise<unknown> } {
    const { timeout = 0, signal, now } = spec;
    const deadline = now() + timeout;
    let end: (outcome: unknown) => void = () => {};
    const reply = new Promise<unknown>((resolve, reject) => {
      const abort = () => giveUp("aborted", "the call was aborted", signal?.reason);
      // A call of our own has no time-out: it ends with its connection.
      const timer =
        timeout && setTimeout(() => giveUp("timeout", `no answer in ${timeout} ms`), timeout);
      const giveUp = (code: string, message: string, cause?: unknown) => {
        if (this.#inFlight.delete(call.id)) this.#abandoned.add(call.id);
        spec.abandoned(call, code === "aborted");
        end(new SocketError(code, message, undefined, false, cause));
      };
      end = (outcome) => {
        this.#inFlight.delete(call.id);
        clearTimeout(timer || undefined);
        signal?.removeEventListener("abort", abort);
        if (outcome instanceof SocketError) reject(outcome);
        else resolve(outcome);
      };
      signal?.addEventListener("abort", abort);
    });
    const call: Call = {
      id: 0,
      text: spec.text,
      idempotent: spec.idempotent,
      end,
      stamp: () => {
        call.id ||= ++this.#lastId;
        this.#inFlight.set(call.id, call);
        const left = { id: call.id, timeout: Math.max(1, Math.ceil(deadline - now())) };
        return withFields(call.text, timeout ? left : { id: call.id });
      },
    };
    return { call, reply };
  }

  /** Ends the call that an answer belongs to. `false`: there never was one. */
  answer(re: number, outcome: unknown): boolean {
    const call = this.#inFlight.get(re);
    call?.end(outcome);
    return call !== undefined || this.#abandoned.delete(re);
  }

  /**
   * The connection broke. What the server may have done already can be asked for again only on a
   * session that it `kept`, or if doing it twice does no harm: all else ends here.
   */
  broken(kept: boolean): void {
    this.#abandoned.clear();
    if (kept) return;
    for (const call of [...this.#inFlight.values()]) if (!call.idempotent) call.end(lostCall(true));
  }

  /** What must be sent again: on a resumed session under the same id, and the server runs it once. */
  resend(resumed: boolean): Call[] {
    if (!resumed) this.broken(false);
    const calls = [...this.#inFlight.values()];
    if (resumed) return calls;
    this.#inFlight.clear();
    for (const call of calls) call.id = 0;
    return calls;
  }

  /** Ends everything in flight. */
  fail(): void {
    for (const call of [...this.#inFlight.values()]) call.end(lostCall(true));
  }
}

export function lostCall(sent: boolean): SocketError {
  const message = sent ? "the connection broke before the answer came" : "the socket is closed";
  return new SocketError("disconnected", message, undefined, sent);
}

export function errorOf(error: unknown): SocketError {
  const code = textOf(field(error, "code"), "internal");
  return new SocketError(code, textOf(field(error, "message"), code), field(error, "data"));
}

export function isCall(message: Outgoing): message is Call {
  return "end" in message;
}
