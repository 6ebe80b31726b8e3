// Replies that come item by item.

import { expect, test } from "vitest";
import { stream } from "../dist/socket.js";
import { kept } from "./kept.ts";
import { pass, settle } from "./server.ts";

const count = { cmd: "count", param: { to: 3 } } as const;

test("items come in order, the reply is the last value, and the end needs no cancelling", async () => {
  const { socket, ws } = await kept();
  const lines = stream(socket, count);
  await settle();
  expect(ws.commands).toMatchObject([{ cmd: "count", param: { to: 3 }, id: 2 }]);
  ws.says([
    { re: 2, item: { n: 1 } },
    { re: 2, item: { n: 2 } },
  ]);
  expect(await lines.next()).toEqual({ done: false, value: { n: 1 } });
  ws.says([
    { re: 2, item: { n: 3 } },
    { re: 2, param: { sum: 6 } },
  ]);
  expect((await lines.next()).value).toEqual({ n: 2 });
  expect((await lines.next()).value).toEqual({ n: 3 });
  expect(await lines.next()).toEqual({ done: true, value: { sum: 6 } });
  expect(await lines.next()).toEqual({ done: true, value: undefined });
  expect(ws.commands).toHaveLength(1);
});

test("leaving the loop tells the server to stop, and what still comes is no surprise", async () => {
  const { socket, ws, errors } = await kept();
  const read = (async () => {
    for await (const { n } of stream(socket, count)) if (n === 1) return;
  })();
  await settle();
  ws.says({ re: 2, item: { n: 1 } });
  await read;
  expect(ws.commands.at(-1)).toEqual({ cmd: ":cancel", param: { id: 2 } });
  ws.says([
    { re: 2, item: { n: 2 } },
    { re: 2, error: { code: "cancelled", message: "" } },
  ]);
  expect(errors).toEqual([]);
});

test("a signal ends it with `aborted`, before and during", async () => {
  const { socket, ws } = await kept();
  const stop = new AbortController();
  const lines = stream(socket, count, { signal: stop.signal });
  await settle();
  ws.says({ re: 2, item: { n: 1 } });
  stop.abort("enough");
  expect((await lines.next()).value).toEqual({ n: 1 });
  await expect(lines.next()).rejects.toMatchObject({ code: "aborted" });
  expect(ws.commands.at(-1)).toMatchObject({ cmd: ":cancel" });
  const late = stream(socket, count, { signal: stop.signal });
  await expect(late.next()).rejects.toMatchObject({ code: "aborted" });
  expect(ws.commands).toHaveLength(2);
});

test("what waits to be read is bounded: it ends with `too-many`, and the server is told", async () => {
  const { socket, ws } = await kept();
  const lines = stream(socket, count, { max: 2 });
  await settle();
  ws.says([1, 2, 3, 4].map((n) => ({ re: 2, item: { n } })));
  expect(ws.commands.at(-1)).toMatchObject({ cmd: ":cancel", param: { id: 2 } });
  expect((await lines.next()).value).toEqual({ n: 1 });
  expect((await lines.next()).value).toEqual({ n: 2 });
  await expect(lines.next()).rejects.toMatchObject({ code: "too-many", data: { limit: 2 } });
});

test("a refusal is thrown after the items before it", async () => {
  const { socket, ws } = await kept();
  const lines = stream(socket, { cmd: "ticks" });
  await settle();
  ws.says([
    { re: 2, item: {} },
    { re: 2, error: { code: "internal", message: "" } },
  ]);
  expect((await lines.next()).done).toBe(false);
  await expect(lines.next()).rejects.toMatchObject({ code: "internal" });
});

test.each([true, false])(
  "a break ends it, resumed %s, though its command is idempotent",
  async (resumed) => {
    const made = await kept();
    const lines = stream(made.socket, count);
    await settle();
    made.ws.says({ re: 2, item: { n: 1 } });
    made.ws.ends(1006);
    await pass(1_000);
    made.ws.welcome({ session: "s2", resumed });
    expect(made.ws.commands).toEqual([]);
    expect((await lines.next()).value).toEqual({ n: 1 });
    await expect(lines.next()).rejects.toMatchObject({ code: "disconnected", sent: true });
  },
);

test("one that was not sent yet waits for the connection", async () => {
  const made = await kept();
  made.ws.ends(1006);
  const lines = stream(made.socket, count);
  await pass(1_000);
  made.ws.welcome({ session: "s2" });
  expect(made.ws.commands).toMatchObject([{ cmd: "count" }]);
  made.ws.says({ re: 2, param: { sum: 0 } });
  expect(await lines.next()).toEqual({ done: true, value: { sum: 0 } });
});

test("`timeout` is for the whole of it", async () => {
  const { socket, ws } = await kept();
  const lines = stream(socket, count, { timeout: 5_000 });
  await pass(4_000);
  ws.says({ re: 2, item: { n: 1 } });
  ws.says({ cmd: ":ping" });
  await pass(1_000);
  expect((await lines.next()).value).toEqual({ n: 1 });
  await expect(lines.next()).rejects.toMatchObject({ code: "timeout" });
});
