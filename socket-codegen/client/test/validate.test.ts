// Messages that break their types: what sockets of a checked protocol make of them.

import { expect, test } from "vitest";
import { codec, fields, int } from "../dist/socket.bigint.js";
import { define, stream } from "../dist/socket.js";
import { MockServer } from "../dist/socket.testing.js";
import { checked, validator } from "../dist/socket.validate.js";
import { type Protocol, protocol } from "./fixtures/kept/kept.ts";
import { Socket } from "./guide/checked.ts";
import { type FakeWebSocket, opened, recorded, settle } from "./server.ts";

async function chat() {
  const sockets: FakeWebSocket[] = [];
  const heard: unknown[] = [];
  const errors: string[] = [];
  const socket = new Socket({
    url: "wss://example.test/socket",
    WebSocket: recorded(sockets),
    onMessage: ({ param }) => heard.push(param),
    onError: (source, message) => errors.push(`${source}: ${message}`),
  });
  await settle();
  const [ws] = sockets;
  if (!ws) throw new Error("no WebSocket was made");
  ws.welcome();
  return { socket, ws, heard, errors };
}

test("an event that breaks its type is reported with what and where, and the next one counts", async () => {
  const { socket, ws, heard, errors } = await chat();
  const right = { user: "ann", text: "hi", time: 1 };
  ws.says([
    { cmd: "chat", channel: "lobby", param: { user: 5, text: "hi" } },
    { cmd: "chat", channel: "lobby", param: null },
    { cmd: "chat", channel: "lobby", param: { ...right, new: true } },
  ]);
  expect(heard).toEqual([{ ...right, new: true }]);
  expect(errors).toEqual([
    "message: event chat: time is missing; user must be string, is integer",
    "message: event chat: must be object, is null",
  ]);
  expect(socket.state.status).toBe("open");
});

test("a reply that breaks its type ends its call, and an error with an unknown code does not", async () => {
  const { socket, ws } = await chat();
  const join = () => socket.tryCall({ cmd: "join-room", param: { room: "a" } });
  const broken = join();
  await settle();
  ws.says({ re: 2, param: { room: "a", members: -1 } });
  expect(await broken).toMatchObject({
    error: {
      code: "message",
      message: "reply join-room: members must be at least 0",
    },
  });
  const refused = join();
  await settle();
  ws.says({ re: 3, error: { code: "brand-new", message: "?" } });
  expect(await refused).toMatchObject({ error: { code: "brand-new" } });
  const right = join();
  await settle();
  ws.says({ re: 4, param: { room: "a", members: 1 } });
  expect(await right).toMatchObject({ ok: true, value: { members: 1 } });
});

test("without validators a handler that stumbles over it is told of, and stops nothing", async () => {
  const { socket, ws, errors, messages } = await opened();
  socket.on("chat", ({ text }) => text.trim());
  ws.says({ cmd: "chat", channel: "lobby", param: { user: "ann" } });
  ws.says({ cmd: "chat", channel: "lobby", param: null });
  expect(errors.map(({ source }) => source)).toEqual(["handler", "handler"]);
  expect(messages).toHaveLength(2);
  expect(socket.state.status).toBe("open");
});

test("items and pages of history are checked, and what is no table's own name is not", () => {
  const n = validator<{ n: number }>({ properties: { n: { type: "integer" } } });
  const { revive } = checked(protocol, { event: { posted: n }, item: { count: n } });
  const calls = new Map([
    [2, { cmd: "count" }],
    [3, { cmd: ":history" }],
  ]);
  const wrong = (message: string) => expect.objectContaining({ code: "message", message });
  expect(revive?.({ re: 2, item: { n: "1" } }, calls)).toEqual({
    re: 2,
    item: wrong("item count: n must be integer, is string"),
  });
  const page = (events: unknown) => revive?.({ re: 3, param: { events } }, calls);
  expect(page([{ cmd: "posted", param: { n: null } }])).toEqual({
    re: 3,
    error: wrong("reply :history: event posted: n must be integer, is null"),
  });
  expect(page([{ cmd: "note" }, null, { cmd: "constructor", param: 5 }])).toHaveProperty("param");
  for (const odd of [5, "none", undefined]) expect(() => page(odd)).not.toThrow();
  for (const cmd of ["__proto__", "constructor", "toString"]) {
    expect(revive?.({ cmd, param: 5 }, calls)).toEqual({ cmd, param: 5 });
  }
  expect(define<Protocol>(checked(protocol, {}))).toBeDefined();
});

test("an item that breaks its type ends its stream, and the server is told to stop", async () => {
  const n = validator<{ n: number }>({ properties: { n: { type: "integer" } } });
  const Checked = define<Protocol>(checked(protocol, { item: { count: n } }));
  const server = new MockServer(Checked);
  let ended = false;
  server.on("count", function* () {
    try {
      yield { n: 1 };
      for (;;) yield { n: "2" as unknown as number };
    } finally {
      ended = true;
    }
  });
  const counted = stream(server.socket(), { cmd: "count", param: { to: 2 } });
  expect((await counted.next()).value).toEqual({ n: 1 });
  await expect(counted.next()).rejects.toMatchObject({
    code: "message",
    message: "item count: n must be integer, is string",
  });
  await settle();
  expect(ended).toBe(true);
});

test("what a `bigint` protocol holds is checked as the program has it", () => {
  const bank = checked(
    {
      id: { name: "bank", fingerprint: "" },
      events: ["paid"],
      idempotent: [],
      ...codec({ event: { paid: fields({ sum: int }) } }),
    },
    { event: { paid: validator({ properties: { sum: { type: "bigint", minimum: 0n } } }) } },
  );
  const paid = (sum: string) => bank.revive?.({ cmd: "paid", param: { sum } }, new Map());
  expect(paid("5")).toEqual({ cmd: "paid", param: { sum: 5n } });
  expect(paid("-5")).toMatchObject({ error: { message: "event paid: sum must be at least 0" } });
  expect(paid("a lot")).toMatchObject({
    error: { message: expect.stringContaining("is not an integer as text") },
  });
  expect(JSON.stringify({ sum: 5n }, bank.replacer)).toBe('{"sum":"5"}');
});
