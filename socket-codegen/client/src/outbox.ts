// Outbox: all that goes out. What waits, in order and bounded; the pace at which it goes; the calls
// that were sent and not answered, and what becomes of them when the connection breaks.

import { type End, lostCall, SocketError } from "./errors.js";
import {
  BUFFERED_BYTES,
  BUFFERED_POLL,
  later,
  type Options,
  QUEUE_BYTES,
  QUEUE_MESSAGES,
  type WebSocketLike,
} from "./options.js";
import type { AnyProtocol, SendResult } from "./types.js";
import { byteLength, CONNECT_ID, fieldsOf, numberOf, withFields } from "./wire.js";

/** A message on its way out, from the moment it is made. With an `end` it is a call. */
export interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** When it is not worth sending any more. */
  readonly staleAt?: number;
  /** Bytes, counted once it has to wait. */
  size?: number;
  /** Told the error, or the reply. */
  readonly end?: End;
  /** When the caller no longer wants the answer. */
  readonly deadline?: number;
  /** A command of the protocol's own: after a break `:connect` says what still holds of it. */
  readonly own?: boolean;
  /** Running it twice does no harm. */
  readonly idempotent?: boolean;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
  /** 0 until it is sent. */
  id?: number;
  /** The caller no longer waits, while the server may still answer. */
  abandoned?: boolean;
  /** Sent twice: the first run may answer too. */
  repeated?: boolean;
}

export interface Outbox {
  /** Sends it, or has it wait. `volatile`: or drops it. */
  readonly put: (message: Outgoing, volatile?: boolean) => SendResult;
  /** The caller no longer waits: it leaves the queue, and an answer that still comes is no surprise. */
  readonly abandon: (call: Outgoing) => void;
  /** Takes the answer, or one item of it, to the call that waits. `false`: there is none. */
  readonly answer: (re: unknown, outcome: unknown, item: unknown) => boolean;
  /** The server let us in: the calls that go on are sent again, and then all that waits. */
  readonly open: (socket: WebSocketLike, resumed: boolean, limits: unknown) => void;
  /** There is no connection: everything waits. */
  readonly hold: () => void;
  /** There will be none. Ends all calls, and gives the number of other messages that waited. */
  readonly fail: () => number;
}

/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;

export function createOutbox(
  { queueMessages = QUEUE_MESSAGES, queueBytes = QUEUE_BYTES }: Options<AnyProtocol>,
  now: () => number,
  write: (text: string) => void,
): Outbox {
  let queue: Outgoing[] = [];
  /** By id, in the order in which they were first sent. */
  const sent = new Map<unknown, Outgoing>();
  let lastId = CONNECT_ID;
  let socket: WebSocketLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Messages per second, and at once: what the server allows, and what is left of it. */
  let rate = 0;
  let burst = 0;
  let tokens = 0;
  let refilledAt = 0;

  const isFresh = ({ staleAt }: Outgoing) => !staleAt || staleAt > now();

  /** ms until the next message may go out. */
  const delay = (socket: WebSocketLike) => {
    const passed = Math.max(0, now() - refilledAt);
    refilledAt += passed;
    tokens = Math.min(burst, tokens + (passed * rate) / 1000);
    if (socket.bufferedAmount > BUFFERED_BYTES) return BUFFERED_POLL;
    return tokens < 1 ? Math.ceil(((1 - tokens) * 1000) / rate) : 0;
  };

  const flush = () => {
    clearTimeout(timer);
    while (socket && queue[0]) {
      const wait = delay(socket);
      if (wait) {
        timer = later(flush, wait);
        return;
      }
      const message = queue[0];
      queue.shift();
      if (!isFresh(message)) continue;
      tokens--;
      const { text, end, deadline } = message;
      if (!end) {
        write(text);
        continue;
      }
      message.id ||= ++lastId;
      sent.set(message.id, message);
      const timeout = deadline && Math.max(1, Math.ceil(deadline - now()));
      write(withFields(text, { id: message.id, timeout }));
    }
  };

  const unqueue = (call: Outgoing) => {
    queue = queue.filter((other) => other !== call);
  };

  return {
    put(message, volatile) {
      const isFree = socket && !queue[0] && !delay(socket);
      let rest = queue;
      if (!isFree) {
        const { text, key, end } = message;
        rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
        message.size = byteLength(text);
        const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
        if (volatile || rest.length >= queueMessages || bytes > queueBytes) {
          end?.(new SocketError("queue-full"));
          return "dropped";
        }
      }
      // What the welcome did not answer is asked before what may depend on it goes out.
      queue = message.own && !socket ? [message, ...rest] : [...rest, message];
      flush();
      return isFree ? "sent" : "queued";
    },
    abandon(call) {
      unqueue(call);
      call.abandoned = true;
    },
    answer(re, outcome, item) {
      const call = sent.get(re);
      if (item !== undefined) call?.item?.(item);
      else if (call) {
        call.abandoned = true;
        if (!call.repeated) sent.delete(re);
        unqueue(call);
        call.end?.(outcome);
      }
      return !!call;
    },
    open(next, resumed, limits) {
      const again = [...sent.values()].filter(({ own, item, idempotent, abandoned, end }) => {
        const goesOn = !item && (idempotent || (resumed && !own));
        if (!goesOn) end?.(lostCall(true));
        return goesOn && !abandoned;
      });
      queue = [...again, ...queue.filter(({ id }) => !id)];
      if (!resumed) sent.clear();
      for (const call of again) {
        call.repeated = resumed;
        if (!resumed) call.id = 0;
      }
      socket = next;
      const pace = fieldsOf(limits);
      rate = numberOf(pace["rate"], UNLIMITED) || UNLIMITED;
      burst = numberOf(pace["burst"], UNLIMITED) || UNLIMITED;
      // A session that goes on keeps what it has used.
      if (!resumed) tokens = burst;
      flush();
    },
    hold() {
      socket = undefined;
      queue = queue.filter(({ own }) => !own);
    },
    fail() {
      const others = queue.filter((message) => isFresh(message) && !message.end);
      for (const { id, end } of [...sent.values(), ...queue]) end?.(lostCall(!!id));
      sent.clear();
      queue = [];
      return others.length;
    },
  };
}
