// Outbox: all that goes out. What waits, in order and bounded; the pace at which it goes; the calls
// that were sent and not answered, and what becomes of them when the connection breaks.

import { type End, lostCall, SocketError } from "./errors.js";
import { later, type Options, type Report, type WebSocketLike } from "./options.js";
import type { AnyProtocol, SendResult } from "./types.js";
import { byteLength, CONNECT_ID, fieldsOf, numberOf } from "./wire.js";

/** A message on its way out, from the moment it is made. With an `end` it is a call. */
export interface Outgoing {
  /** The JSON text, without the fields that are known only when it is sent. */
  readonly text: string;
  /**
   * When it is not worth sending any more. Without it this is a command of the protocol's own, good for
   * one connection: after a break `:connect` says what still holds of it.
   */
  readonly until?: number;
  /** Replaces what waits under the same key. */
  readonly key?: string | undefined;
  /** Bytes, counted once it has to wait. */
  size?: number;
  /** Told the error, or the reply. Gone once the caller no longer waits. */
  end?: End | undefined;
  /** Running it twice does no harm. */
  readonly idempotent?: boolean;
  /** Told each item of a stream, which no break outlasts: items are not kept. */
  readonly item?: ((item: unknown) => void) | undefined;
  /** From when it is sent. It stays the same when it is sent again. */
  id?: number;
}

export type Outbox = readonly [
  /** Sends it, or has it wait. `volatile`: or drops it. */
  put: (message: Outgoing, volatile?: boolean) => SendResult,
  /** It leaves the queue and its caller is told. An answer that still comes is no surprise. */
  end: (message: Outgoing, outcome: unknown) => void,
  /** Takes the answer, or one item of it, to the call that waits. `false`: nobody asked. */
  answer: (re: unknown, outcome: unknown, item: unknown) => boolean,
  /** The server let us in: the calls that go on are sent again, and then all that waits. */
  open: (socket: WebSocketLike, resumed: boolean, limits: unknown) => void,
  /** There is no connection: everything waits. `forGood`: nothing does, and all calls end. */
  hold: (forGood: boolean) => void,
];

/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;

/** Bytes that the id and the timeout add to a call. */
const STAMP = 50;

export function createOutbox(
  { queueMessages = 1_000, queueBytes = 2 ** 20 }: Options<AnyProtocol>,
  now: () => number,
  write: (text: string) => void,
  report: Report,
): Outbox {
  let queue: Outgoing[] = [];
  /** By id, in the order in which they were first sent. */
  const sent = new Map<unknown, Outgoing>();
  let lastId = CONNECT_ID;
  /** Calls up to this id may be answered twice: the session is older than the connection. */
  let earlierId = 0;
  let isClosed = false;
  let socket: WebSocketLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes of the largest message that the server takes. */
  let limit = Infinity;
  /** ms from one message to the next at the server's rate, and how many may go at once. */
  let interval = 0;
  let burst = 0;
  /** When the next message would go if all went at that rate. It may lag by a burst. */
  let due = 0;

  const isFresh = ({ until }: Outgoing) => !until || until > now();

  /**
   * ms until the next message may go out. While the WebSocket itself holds back over 1 MiB it counts as not
   * open, and is looked at again after 50 ms.
   */
  const delay = ({ bufferedAmount }: WebSocketLike) =>
    bufferedAmount > 2 ** 20 ? 50 : Math.max(0, due - now());

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
      due = Math.max(due, now() - (burst - 1) * interval) + interval;
      let { text } = message;
      const { end, until } = message;
      if (end) {
        message.id ||= ++lastId;
        sent.set(message.id, message);
        const timeout = until && Math.ceil(until - now());
        const stamp = JSON.stringify({ id: message.id, timeout });
        text = `${text.slice(0, -1)},${stamp.slice(1)}`;
      }
      write(text);
    }
  };

  const end = (message: Outgoing, outcome: unknown) => {
    queue = queue.filter((other) => other !== message);
    message.end?.(outcome);
    message.end = undefined;
  };

  return [
    (message, volatile) => {
      const { text, key, until } = message;
      const refuse = (code: string, more?: object): SendResult => {
        end(message, new SocketError(code, code, more));
        return "dropped";
      };
      if (isClosed) return refuse("disconnected");
      const stamp = message.end ? STAMP : 0;
      // A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting.
      if (text.length * 3 + stamp > limit && byteLength(text) + stamp > limit)
        return refuse("too-large", { data: { limit } });
      const isFree = socket && !queue[0] && !delay(socket);
      if (!isFree) {
        const rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
        message.size = byteLength(text);
        const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
        if (volatile || rest.length >= queueMessages || bytes > queueBytes)
          return refuse("queue-full");
        queue = rest;
      }
      // What the welcome did not answer is asked before what may depend on it goes out.
      if (until || socket) queue.push(message);
      else queue.unshift(message);
      flush();
      return isFree ? "sent" : "queued";
    },
    end,
    (re, outcome, item) => {
      const call = sent.get(re);
      if (item !== undefined) call?.item?.(item);
      else if (call) {
        sent.delete(re);
        end(call, outcome);
      }
      return !!call || ((re as number) > CONNECT_ID && (re as number) <= earlierId);
    },
    (next, resumed, limits) => {
      for (const call of sent.values()) {
        if (call.end && !call.item && (call.idempotent || (resumed && call.until))) continue;
        sent.delete(call.id);
        end(call, lostCall(true));
      }
      // Some may wait to be sent again since the last time.
      queue = [...new Set([...sent.values(), ...queue])];
      const { message, rate, burst: atOnce } = fieldsOf(limits);
      limit = numberOf(message, Infinity);
      interval = 1000 / (numberOf(rate, UNLIMITED) || UNLIMITED);
      // What goes out evenly may arrive bunched: a part of the burst stays in hand for that.
      burst = numberOf(atOnce, UNLIMITED) * 0.8;
      earlierId = resumed ? lastId : 0;
      if (!resumed) due = 0;
      socket = next;
      flush();
    },
    (forGood) => {
      isClosed = forGood;
      socket = undefined;
      queue = queue.filter(({ until }) => until);
      if (!forGood) return;
      const unsent = queue.filter((message) => isFresh(message) && !message.end).length;
      for (const message of [...sent.values(), ...queue]) end(message, lostCall(!!message.id));
      sent.clear();
      if (unsent) report("queue", `${unsent} messages were not sent`);
    },
  ];
}
