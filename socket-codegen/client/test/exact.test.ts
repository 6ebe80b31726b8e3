// Nothing that is sent says something else than the program does.

import { expect, test } from "vitest";
import { type Command, type Descriptor, define } from "../dist/socket.js";
import { type Protocol, protocol, type Socket } from "./fixtures/chat/chat.ts";
import { type FakeWebSocket, opened, pass, recorded, settle } from "./server.ts";

class Point {
  x = 1;
  y = 2.5;
}

const loop: unknown[] = [];
loop.push(loop);

const REFUSED: readonly [string, unknown][] = [
  ["NaN", Number.NaN],
  ["an infinity", Number.POSITIVE_INFINITY],
  ["the other", Number.NEGATIVE_INFINITY],
  ["an integer that was rounded", 2 ** 53],
  ["a negative one", -(2 ** 53)],
  ["a larger one", 1e16],
  ["one with an exponent", 1e300],
  ["a bigint", 1n],
  ["a function", () => 1],
  ["a symbol", Symbol("s")],
  ["a Map", new Map([["a", 1]])],
  ["a Set", new Set([1])],
  ["bytes", new Uint8Array([1])],
  ["a buffer", new ArrayBuffer(1)],
  ["an expression", /x/],
  ["an error", new Error("x")],
  ["a promise", Promise.resolve(1)],
  ["a boxed NaN", Object(Number.NaN)],
  ["an invalid date", new Date(Number.NaN)],
  ["a toJSON that gives NaN", { toJSON: () => Number.NaN }],
  ["a toJSON that gives nothing", { toJSON: () => undefined }],
  ["a list in itself", loop],
];

const IN_LISTS: readonly [string, unknown][] = [
  ["undefined", [undefined]],
  ["a hole", new Array(1)],
];

const SENT: readonly [string, unknown, unknown][] = [
  ["numbers", [0, -1, 1.5, 1e-7, 2 ** 53 - 1, -(2 ** 53 - 1), 0.1 + 0.2], undefined],
  ["texts", ["", "NaN", "\u2028"], undefined],
  ["null", null, undefined],
  ["truth", [true, false], undefined],
  ["a field that is left out", { a: undefined, b: 1 }, { b: 1 }],
  ["an object of a class", new Point(), { x: 1, y: 2.5 }],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["an address", new URL("http://a.test/"), "http://a.test/"],
  ["a boxed text", Object("a"), "a"],
  ["a proxy", new Proxy([1], {}), [1]],
];

/** Where it may stand. */
const PLACES: readonly [string, (value: unknown) => unknown][] = [
  ["as the parameter", (value) => value],
  ["in a field", (value) => ({ text: "hi", x: value })],
  ["in a list", (value) => ({ list: [1, value] })],
  ["deep", (value) => ({ a: [{ b: { c: [value] } }] })],
  ["in a map", (value) => Object.fromEntries([["key", value]])],
  ["from a toJSON", (value) => ({ at: { toJSON: () => ({ value }) } })],
];

const chat = (param: unknown) => ({ cmd: "chat", param }) as Command<Protocol, "chat">;

for (const [place, put] of PLACES) {
  test.each([...REFUSED, ...IN_LISTS])(`refuses %s ${place}`, async (_, value) => {
    const { socket, ws, errors } = await opened();
    const result = await socket.tryCall(chat(put(value)));
    expect(result.ok).toBe(false);
    await expect(socket.call(chat(put(value)))).rejects.toThrow();
    expect(socket.send(chat(put(value)))).toBe("dropped");
    await settle();
    expect(errors).toMatchObject([{ source: "send" }]);
    expect(ws.commands).toEqual([]);
  });

  test.each(SENT)(`sends %s ${place}`, async (_, value, said = value) => {
    const { socket, ws } = await opened();
    expect(socket.send(chat(put(value)))).toBe("sent");
    expect(ws.commands[0]?.["param"]).toEqual(JSON.parse(JSON.stringify(put(said))));
  });
}

test("says what and where, as the server would", async () => {
  const { socket, errors } = await opened();
  const wrong = chat({ text: "hi", size: { width: Number.NaN } });
  await expect(socket.call(wrong)).rejects.toMatchObject({
    code: "invalid-param",
    message: "width: JSON cannot hold NaN",
    data: { path: "width", reason: "JSON cannot hold NaN" },
  });
  socket.send(wrong);
  await settle();
  expect(errors).toEqual([
    { source: "send", code: "invalid-param", message: "width: JSON cannot hold NaN" },
  ]);
});

test("refuses it while there is no connection, and what is queued stays", async () => {
  const { socket, ws, errors } = await opened();
  ws.ends(1006);
  expect(socket.send(chat({ text: "kept" }))).toBe("queued");
  expect(socket.send(chat({ text: Number.NaN }))).toBe("dropped");
  await settle();
  expect(errors.map(({ source }) => source)).toEqual(["connection", "send"]);
});

test("in a room too", async () => {
  const { socket, ws } = await opened();
  const room = socket.channel("lobby");
  await expect(room.call("chat", { text: Number.NaN as never })).rejects.toMatchObject({
    code: "invalid-param",
  });
  expect(ws.commands).toEqual([]);
});

test("what the protocol has words for is said in them", async () => {
  const sockets: FakeWebSocket[] = [];
  const descriptor: Descriptor = {
    ...protocol,
    replacer: (_, value) => (typeof value === "bigint" ? String(value) : value),
  };
  const Own = define<Protocol>(descriptor) as typeof Socket;
  const socket = new Own({ url: "ws://a.test", WebSocket: recorded(sockets) });
  await settle();
  sockets[0]?.welcome();
  socket.send(chat({ sum: 2n ** 64n }));
  expect(sockets[0]?.commands[0]?.["param"]).toEqual({ sum: "18446744073709551616" });
});

test("what a server said of itself goes back as it is, whatever it said", async () => {
  const made = await opened({}, { session: 1e300 });
  made.ws.ends(1006);
  await pass(3_000);
  made.ws.open();
  expect(made.ws.connect["session"]).toBe(1e300);
});
