import { expect, test, vi } from "vitest";
import { SocketError } from "./fixtures/chat/socket.ts";
import { client, opened, pass, settle } from "./server.ts";

test("a call gives its reply, whatever the order of the replies", async () => {
  const { socket, ws } = await opened();
  const first = socket.call({ cmd: "ping" });
  const second = socket.call({ cmd: "join-room", param: { room: "a" } });
  await settle();
  expect(ws.commands).toEqual([
    { cmd: "ping", id: 2, timeout: 10_000 },
    { cmd: "join-room", param: { room: "a" }, id: 3, timeout: 10_000 },
  ]);
  ws.says([
    { re: 3, param: { room: "a", members: 1 } },
    { re: 2, param: { timestamp: 5 } },
  ]);
  expect(await first).toEqual({ timestamp: 5 });
  expect(await second).toEqual({ room: "a", members: 1 });
});

test("an error rejects, and tryCall gives it as a value", async () => {
  const { socket, ws } = await opened();
  const call = socket.call({ cmd: "join-room", param: { room: "a" } });
  const result = socket.tryCall({ cmd: "join-room", param: { room: "a" } });
  await settle();
  const error = { code: "room-full", message: "room a holds 10", data: { max: 10 } };
  ws.says({ re: 2, error });
  ws.says({ re: 3, error });
  await expect(call).rejects.toBeInstanceOf(SocketError);
  await expect(call).rejects.toMatchObject(error);
  expect(await result).toMatchObject({ ok: false, error });
});

test("a call without an answer ends with timeout, and its late answer is nobody's", async () => {
  const { socket, ws, errors } = await opened();
  const result = socket.tryCall({ cmd: "ping" }, { timeout: 3_000 });
  await pass(3_000);
  expect(await result).toMatchObject({ ok: false, error: { code: "timeout" } });
  // Its handler need not go on.
  expect(ws.commands.at(-1)).toEqual({ cmd: ":cancel", param: { id: 2 } });
  ws.says({ re: 2, param: { timestamp: 1 } });
  expect(errors).toEqual([]);
});

test("a time-out beyond what timers hold is one that they do", async () => {
  const { socket, ws } = await opened();
  const result = socket.tryCall({ cmd: "ping" }, { timeout: Number.POSITIVE_INFINITY });
  await pass(20_000);
  expect(ws.commands).toEqual([{ cmd: "ping", id: 2, timeout: 1e9 }]);
  ws.says({ re: 2, param: { timestamp: 1 } });
  expect(await result).toMatchObject({ ok: true });
});

test("an answer to a call given up before a resumed break is no surprise", async () => {
  const made = await opened({}, { session: "s1" });
  const result = made.socket.tryCall({ cmd: "ping" }, { timeout: 100 });
  await pass(100);
  expect(await result).toMatchObject({ ok: false });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true });
  made.ws.says({ re: 2, param: { timestamp: 1 } });
  expect(made.errors.filter(({ source }) => source === "message")).toEqual([]);
});

test("the time that a call waits counts, and one that gave up leaves the queue", async () => {
  const made = client();
  const short = made.socket.tryCall({ cmd: "ping" }, { timeout: 1_000 });
  made.socket.tryCall({ cmd: "ping" }, { timeout: 5_000 });
  await pass(2_000);
  expect(await short).toMatchObject({ error: { code: "timeout" } });
  made.ws.welcome();
  expect(made.ws.commands).toEqual([{ cmd: "ping", id: 3, timeout: 5_000 }]);
});

test("an abort ends the call and tells the server", async () => {
  const { socket, ws } = await opened();
  const stop = new AbortController();
  const result = socket.tryCall({ cmd: "ping" }, { signal: stop.signal });
  await settle();
  stop.abort("enough");
  expect(await result).toMatchObject({
    ok: false,
    error: { code: "aborted", cause: "enough" },
  });
  expect(ws.commands.at(-1)).toEqual({ cmd: ":cancel", param: { id: 2 } });
  expect(await socket.tryCall({ cmd: "ping" }, { signal: stop.signal })).toMatchObject({
    error: { code: "aborted" },
  });
  expect(ws.commands).toHaveLength(2);
});

test("after a break idempotent calls are sent again, and the others end", async () => {
  const made = await opened();
  const ping = made.socket.call({ cmd: "ping" });
  const join = made.socket.tryCall({ cmd: "join-room", param: { room: "a" } });
  await settle();
  made.ws.ends(1006);
  const queued = made.socket.tryCall({ cmd: "join-room", param: { room: "b" } });
  await pass(1_000);
  made.ws.welcome();
  expect(made.ws.commands.map(({ cmd, id }) => [cmd, id])).toEqual([
    ["ping", 2],
    ["join-room", 4],
  ]);
  expect(await join).toMatchObject({ ok: false, error: { code: "disconnected", sent: true } });
  made.ws.says({ re: 2, param: { timestamp: 9 } });
  expect(await ping).toEqual({ timestamp: 9 });
  made.ws.says({ re: 4, param: { room: "b", members: 1 } });
  expect(await queued).toMatchObject({ ok: true });
});

test("a resumed session gets every unanswered call again, under its id", async () => {
  const made = await opened({}, { session: "s1" });
  const join = made.socket.call({ cmd: "join-room", param: { room: "a" } });
  await settle();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true });
  expect(made.ws.commands).toMatchObject([{ cmd: "join-room", id: 2 }]);
  made.ws.says({ re: 2, param: { room: "a", members: 2 } });
  expect(await join).toEqual({ room: "a", members: 2 });
});

test("a session that could not be resumed ends what is not idempotent", async () => {
  const made = await opened({}, { session: "s1" });
  const join = made.socket.tryCall({ cmd: "join-room", param: { room: "a" } });
  await settle();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2" });
  expect(await join).toMatchObject({ error: { code: "disconnected", sent: true } });
  expect(made.ws.commands).toEqual([]);
});

test("disconnect ends calls, and says whether they were sent", async () => {
  const { socket, ws } = await opened();
  const sent = socket.tryCall({ cmd: "ping" });
  await settle();
  ws.bufferedAmount = 2 ** 21;
  const waiting = socket.tryCall({ cmd: "ping" });
  await settle();
  socket.disconnect();
  expect(await sent).toMatchObject({ error: { code: "disconnected", sent: true } });
  expect(await waiting).toMatchObject({ error: { code: "disconnected", sent: false } });
  expect(await socket.tryCall({ cmd: "ping" })).toMatchObject({
    error: { code: "disconnected", sent: false },
  });
});

test("a call that was sent again may be answered by both of its runs' connections", async () => {
  const made = await opened({}, { session: "s1" });
  const join = made.socket.call({ cmd: "join-room", param: { room: "a" } });
  await settle();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true });
  const answer = { re: 2, param: { room: "a", members: 2 } };
  made.ws.says([answer, answer]);
  expect(await join).toEqual({ room: "a", members: 2 });
  expect(made.errors.filter(({ source }) => source === "message")).toEqual([]);
  made.ws.says({ re: 3, param: {} });
  expect(made.errors.at(-1)).toMatchObject({ source: "message" });
});

test("calls that are sent again keep to the pace, ahead of all that waits", async () => {
  const made = await opened({}, { session: "s1", limits: { rate: 10, burst: 6.25 } });
  for (let n = 0; n < 5; n++) made.socket.tryCall({ cmd: "join-room", param: { room: `${n}` } });
  await settle();
  made.ws.ends(1006);
  made.socket.send({ cmd: "chat", param: { text: "later" } });
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true, limits: { rate: 10, burst: 3.75 } });
  expect(made.ws.commands.map(({ id }) => id)).toEqual([2, 3, 4]);
  await pass(300);
  expect(made.ws.commands.map(({ cmd, id }) => [cmd, id]).slice(3)).toEqual([
    ["join-room", 5],
    ["join-room", 6],
    ["chat", undefined],
  ]);
});

test("an abort of a call that waits to be sent again tells the server, and it is not sent", async () => {
  const made = await opened({}, { session: "s1" });
  const stop = new AbortController();
  const result = made.socket.tryCall({ cmd: "ping" }, { signal: stop.signal });
  await settle();
  made.ws.ends(1006);
  stop.abort();
  expect(await result).toMatchObject({ error: { code: "aborted" } });
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true });
  expect(made.ws.commands).toEqual([]);
});

test("the session's token is in memory only", async () => {
  const touched: string[] = [];
  const storage = new Proxy({}, { get: (_, key) => touched.push(String(key)) });
  vi.stubGlobal("localStorage", storage);
  vi.stubGlobal("sessionStorage", storage);
  const made = await opened({}, { session: "s1" });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["session"]).toBe("s1");
  expect(touched).toEqual([]);
  vi.unstubAllGlobals();
});

test("a time-out is told in whole milliseconds", async () => {
  const { socket, ws } = await opened();
  socket.tryCall({ cmd: "ping" }, { timeout: 10_000 / 3 });
  await settle();
  expect(ws.commands).toEqual([{ cmd: "ping", id: 2, timeout: 3_333 }]);
});

test("a time-out that is over is not sent at all", async () => {
  const { socket, ws } = await opened();
  const result = socket.tryCall({ cmd: "ping" }, { timeout: -1 });
  await pass(1);
  expect(await result).toMatchObject({ error: { code: "timeout" } });
  expect(ws.commands).toEqual([]);
});

test("many calls that time out together keep to the pace with what they take back", async () => {
  const { socket, ws } = await opened();
  for (let n = 0; n < 400; n++) socket.tryCall({ cmd: "ping" });
  await pass(9_999);
  const before = ws.commands.length;
  await pass(1);
  expect(ws.commands.length - before).toBeLessThanOrEqual(80);
  await pass(10_000);
  expect(ws.commands.filter(({ cmd }) => cmd === ":cancel")).toHaveLength(400);
});
