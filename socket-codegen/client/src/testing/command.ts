// What the mock server does with a command: has it answered, and says what it was.

import { digits, type Fields, type MockConnection, Refusal } from "./connection.js";

/** What the test gave to answer a command. */
export type Handle = (param: unknown, sent: unknown) => unknown;

/** Refuses: `server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }))`. */
export function refuse<const E extends { code: string; message?: string; data?: unknown }>(
  error: E,
): Refusal<E> {
  return new Refusal(error);
}

/** What a command is answered, once it is: after its items, where it streams. */
export async function outcomeOf(
  connection: MockConnection,
  handle: Handle | undefined,
  sent: Fields,
  id: unknown,
): Promise<unknown> {
  const cmd = String(sent["cmd"]);
  if (!handle) {
    const hint = `the mock server has no answer to ${cmd}: server.on(${JSON.stringify(cmd)}, …)`;
    return id === undefined ? undefined : refuse({ code: "internal", message: hint });
  }
  try {
    const outcome = await handle(sent["param"], sent);
    if (!isStream(outcome)) return outcome;
    if (id === undefined) {
      const hint = `${cmd} streams: it is called with \`stream\`, not sent`;
      return refuse({ code: "invalid-message", message: hint });
    }
    // Not at once: a generator that is at work cannot be ended.
    connection.running.set(id, () => queueMicrotask(() => void outcome.return?.()));
    for (;;) {
      const { done, value } = await outcome.next();
      if (done || !connection.running.has(id)) return value;
      connection.says({ re: id, item: value });
    }
  } catch (error) {
    const text = `the mock server's handler of ${cmd} threw: ${String(error)}`;
    return refuse({ code: "internal", message: text });
  }
}

/** What a handler gave that yields items before it ends. */
function isStream(value: unknown): value is Iterator<unknown> | AsyncIterator<unknown> {
  return typeof (value as { next?: unknown } | null | undefined)?.next === "function";
}

/** A command, for people. */
export function shown({
  cmd,
  channel,
  param,
}: {
  cmd: PropertyKey;
  channel?: string;
  param?: unknown;
}) {
  const where = channel === undefined ? "" : ` to ${channel}`;
  return `${String(cmd)}${where}${param === undefined ? "" : ` with ${JSON.stringify(param, digits)}`}`;
}

/** Whether two values are the same JSON, whatever the order of their fields. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}

function sorted(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return digits(key, value);
  }
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
