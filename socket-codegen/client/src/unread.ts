// Unread: what waits to be read by a `for await`, bounded. Paid for by those who import an iterator.

import { SocketError } from "./errors.js";

/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;

/** What fills an iterator. */
export interface Unread<Item> {
  /** One more. Over the bound it ends with `too-many`, after all that was still in order. */
  readonly push: (item: Item) => void;
  /** No more comes: because of an error, or because this is the end and its value. */
  readonly end: (error?: SocketError, value?: unknown) => void;
  readonly iterator: AsyncIterableIterator<Item>;
}

/** `stop` is called once, when nothing is wanted any more: at the end, or when the loop is left. */
export function createUnread<Item>(stop: () => void, max: number = UNREAD): Unread<Item> {
  const items: Item[] = [];
  const waiting: (() => void)[] = [];
  let error: SocketError | undefined;
  let last: unknown;
  let ended = false;
  const end = (why?: SocketError, value?: unknown) => {
    if (ended) return;
    ended = true;
    error = why;
    last = value;
    stop();
    wake();
  };
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  return {
    push(item) {
      if (ended) return;
      if (items.length >= max) end(new SocketError({ code: "too-many", data: { limit: max } }));
      else items.push(item);
      wake();
    },
    end,
    iterator: {
      async next() {
        while (items.length === 0 && !ended) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        if (items.length > 0) return { done: false, value: items.shift() as Item };
        // Told once.
        const failed = error;
        const value = last;
        error = last = undefined;
        if (failed) throw failed;
        return { done: true, value };
      },
      return() {
        items.length = 0;
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
