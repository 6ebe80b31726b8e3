// `bigint`: text on the wire, exact in both directions.

import { expect, test, vi } from "vitest";
import * as integers from "../src/bigint.ts";
import { createClient } from "../src/client.ts";
import type { Client } from "../src/untyped.ts";
import { FakeWebSocket, settle, WELCOME } from "./server.ts";

const { int, list, tuple, fields, map, tagged, mixed, all, keep } = integers;

/** What comes out, with the digits of each `bigint` and an `n`. */
function revived(revive: integers.Revive, wire: unknown): string {
  const shown = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
  return JSON.stringify(revive(JSON.parse(JSON.stringify(wire))), shown);
}

const tree: integers.Revive = fields({ size: int, children: list((value) => tree(value)) });

test.each<[string, integers.Revive, unknown, unknown]>([
  [
    "the limits",
    list(int),
    ["-9223372036854775808", "18446744073709551615"],
    ["-9223372036854775808n", "18446744073709551615n"],
  ],
  ["null", fields({ a: int, b: int }), { a: null, b: "1" }, { a: null, b: "1n" }],
  ["a missing field", fields({ a: int }), {}, {}],
  ["a tuple", tuple(keep, int), ["1", "1", "1"], ["1", "1n", "1"]],
  ["a map", map(list(int)), { a: ["1"], b: [] }, { a: ["1n"], b: [] }],
  [
    "a map beside fields",
    fields({ name: keep }, int),
    { name: "7", a: "8" },
    { name: "7", a: "8n" },
  ],
  [
    "a union by its tag",
    tagged("t", { paid: fields({ sum: int }) }),
    [{ t: "paid", sum: "1" }][0],
    { t: "paid", sum: "1n" },
  ],
  [
    "another form of it",
    tagged("t", { paid: fields({ sum: int }) }),
    { t: "note", sum: "1" },
    { t: "note", sum: "1" },
  ],
  ["a tag that Object has", tagged("t", {}), { t: "constructor" }, { t: "constructor" }],
  ["a union without a tag", all(mixed, fields({ a: int })), "none", "none"],
  [
    "a recursive type",
    tree,
    { size: "2", children: [{ size: "1", children: [] }] },
    { size: "2n", children: [{ size: "1n", children: [] }] },
  ],
  ["another kind of value", all(list(int), fields({ a: int }), tuple(int)), 7, 7],
])("%s", (_name, revive, wire, expected) => {
  expect(revived(revive, wire)).toBe(JSON.stringify(expected));
});

test("a key that is a prototype's name is a key", () => {
  const value = JSON.parse('{ "__proto__": "1", "constructor": "2" }');
  map(int)(value);
  expect(Object.entries(value)).toEqual([
    ["__proto__", 1n],
    ["constructor", 2n],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test.each(["", "1.5", "0x10", " 1", "1n", 7, {}])("%j is no integer", (value) => {
  expect(() => int(value)).toThrow("is not an integer as text");
});

const codec = integers.codec({
  event: { paid: fields({ sum: int }) },
  reply: { balance: int },
  error: { pay: tagged("code", { poor: fields({ data: fields({ missing: int }) }) }) },
});

async function opened() {
  let ws: FakeWebSocket | undefined;
  const told: unknown[] = [];
  const onError = vi.fn();
  const client = {} as Client;
  createClient(
    client,
    { id: { name: "bank", fingerprint: "" }, events: ["paid"], idempotent: [], ...codec },
    {
      url: "wss://example.test",
      WebSocket: class extends FakeWebSocket {
        constructor(url: string, protocol: string) {
          super(url, protocol);
          ws = this;
        }
      },
      onMessage: (message) => told.push(message.param),
      onError,
    },
  );
  await settle();
  if (!ws) throw new Error("no WebSocket was made");
  ws.welcome(WELCOME);
  return { client, ws, told, onError };
}

test("events, replies and errors hold `bigint`, and commands take it", async () => {
  const { client, ws, told } = await opened();
  client.send({ cmd: "pay", param: { sum: 2n ** 64n - 1n, to: [-1n] } });
  expect(ws.commands[0]?.["param"]).toEqual({ sum: "18446744073709551615", to: ["-1"] });

  ws.says({ cmd: "paid", param: { sum: "9007199254740993" } });
  expect(told).toEqual([{ sum: 9007199254740993n }]);

  const reply = client.call({ cmd: "balance" });
  await settle();
  ws.says({ re: 2, param: "-9223372036854775808" });
  expect(await reply).toBe(-9223372036854775808n);

  const failed = client.call({ cmd: "pay" }).catch((error: unknown) => error);
  await settle();
  ws.says({ re: 3, error: { code: "poor", message: "", data: { missing: "5" } } });
  expect(await failed).toMatchObject({ code: "poor", data: { missing: 5n } });
});

test("pages of history and the items of streams hold `bigint` too", () => {
  const { revive } = integers.codec({
    event: { paid: fields({ sum: int }) },
    item: { pay: int },
  });
  const calls = new Map([
    [2, { cmd: "pay" }],
    [3, { cmd: "other" }],
    [4, { cmd: ":history" }],
  ]);
  expect(revive({ re: 2, item: "7" }, calls)).toEqual({ re: 2, item: 7n });
  expect(revive({ re: 3, item: "7" }, calls)).toEqual({ re: 3, item: "7" });
  // An item that is none of its type's ends the stream, which then tells the server.
  expect(revive({ re: 2, item: "x" }, calls)).toMatchObject({ re: 2, item: { code: "message" } });
  const param = {
    at: 2,
    events: [
      { cmd: "paid", param: { sum: "1" }, at: 1 },
      { cmd: "note", param: { sum: "1" }, at: 2 },
    ],
  };
  expect(revive({ re: 4, param }, calls)).toEqual({
    re: 4,
    param: {
      at: 2,
      events: [
        { cmd: "paid", param: { sum: 1n }, at: 1 },
        { cmd: "note", param: { sum: "1" }, at: 2 },
      ],
    },
  });
  expect(revive(null, calls)).toBe(null);
  // Fields that an event does not have change nothing.
  const odd = { cmd: "paid", param: { sum: "1" }, item: 1, error: 1 };
  expect(revive({ ...odd }, calls)).toEqual({ ...odd, param: { sum: 1n } });
});

test("text that is no integer is told, and stops nothing", async () => {
  const { client, ws, told, onError } = await opened();
  ws.says([
    { cmd: "paid", param: { sum: "a lot" } },
    { cmd: "paid", param: { sum: "1" } },
  ]);
  expect(told).toEqual([{ sum: 1n }]);
  expect(onError.mock.calls[0]?.slice(0, 2)).toEqual([
    "message",
    'event paid: "a lot" is not an integer as text',
  ]);

  const reply = client.call({ cmd: "balance" }).catch((error: unknown) => error);
  await settle();
  ws.says({ re: 2, param: "none" });
  expect(await reply).toMatchObject({ code: "message" });
});
