import { expect, test, vi } from "vitest";
import { client, opened, pass, settle } from "./server.ts";

test("a lost connection comes back after a jittered, doubling delay", async () => {
  const made = await opened();
  for (const [attempt, delay] of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
    made.ws.ends(1006);
    expect(made.socket.state).toMatchObject({ status: "waiting", attempt: attempt + 1 });
    await pass(delay - 1);
    expect(made.sockets).toHaveLength(attempt + 1);
    await pass(1);
    expect(made.sockets).toHaveLength(attempt + 2);
  }
  expect(made.errors[0]).toMatchObject({ source: "connection", code: "connection" });
});

test("the first delay comes again once a connection lasted 5 s", async () => {
  const made = await opened();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome();
  await pass(4_999);
  made.ws.ends(1006);
  expect(made.socket.state).toMatchObject({ attempt: 2 });
  await pass(2_000);
  made.ws.welcome();
  await pass(5_000);
  made.ws.ends(1006);
  expect(made.socket.state).toMatchObject({ attempt: 1 });
});

test("the server chooses the spread", async () => {
  const made = await opened({}, { spread: 10_000 });
  made.ws.ends(1006);
  expect(made.socket.state).toMatchObject({ retryAt: 1_005_000 });
});

test.each([1000, 1001, 1006, 1009, 4402, 4404, 4408, 4499])("%i comes back", async (code) => {
  const made = await opened();
  made.ws.ends(code);
  expect(made.socket.state).toMatchObject({
    status: "waiting",
    cause: { kind: "lost", closeCode: code },
  });
});

test.each([4500, 4502, 4503, 4505, 4999])("%i stays away", async (code) => {
  const made = await opened();
  made.ws.ends(code, "go away");
  expect(made.socket.state).toEqual({
    status: "closed",
    cause: { kind: "refused", closeCode: code, message: "go away" },
  });
  await pass(1e6);
  expect(made.sockets).toHaveLength(1);
});

test("4526 and the error before it stay away, as upgrade-required", async () => {
  const made = await opened();
  made.ws.ends(4526);
  expect(made.socket.state).toMatchObject({ cause: { kind: "upgrade-required" } });
  const other = client();
  await settle();
  other.ws.open();
  const change = { rule: "FIELD_ADDED_REQUIRED", path: "chat.param.kind", reason: "is new" };
  const data = { name: "chat", fingerprint: "f3", changes: [change] };
  other.ws.says({ re: 1, error: { code: "upgrade-required", message: "too old", data } });
  other.ws.ends(4526);
  const { state } = other.socket;
  expect(state).toEqual({
    status: "closed",
    cause: { kind: "upgrade-required", message: "too old", closeCode: 4526, upgrade: data },
  });
  // Typed, so that a page can say what it lacks.
  if (state.status === "closed") expect(state.cause.upgrade?.changes?.[0]?.path).toBe(change.path);
  await pass(1e6);
  expect(other.sockets).toHaveLength(1);
});

test("4429 waits for at least 3 s", async () => {
  const made = await opened({ random: () => 0 });
  made.ws.ends(4429);
  await pass(2_999);
  expect(made.sockets).toHaveLength(1);
  await pass(1);
  expect(made.sockets).toHaveLength(2);
});

test("4401 asks for a fresh token once; the second refusal in a row stays away", async () => {
  const token = vi.fn(() => "secret");
  const made = await opened({ token });
  expect(token).toHaveBeenLastCalledWith({ expired: false });
  made.ws.ends(4401);
  await pass(1_000);
  expect(token).toHaveBeenLastCalledWith({ expired: true });
  made.ws.open();
  made.ws.says({ re: 1, error: { code: "unauthorized", message: "who are you" } });
  made.ws.ends(4401);
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "unauthorized" } });
});

test("a welcome between two refusals forgives the first", async () => {
  const made = await opened();
  made.ws.ends(4401);
  await pass(1_000);
  made.ws.welcome();
  made.ws.ends(4401);
  expect(made.socket.state).toMatchObject({ status: "waiting" });
});

test("null as a token stays away", async () => {
  const made = client({ token: () => null });
  await settle();
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "unauthorized" } });
  expect(made.sockets).toHaveLength(0);
});

test("a provider that throws, rejects or hangs is a break like any other", async () => {
  const providers: (() => string | Promise<string>)[] = [
    () => {
      throw new Error("no");
    },
    () => Promise.reject(new Error("no")),
    () => new Promise(() => {}),
  ];
  for (const token of providers) {
    const made = client({ token });
    await pass(10_000);
    expect(made.socket.state.status).not.toBe("connecting");
    expect(made.errors[0]?.source).toBe("connection");
    made.socket.disconnect();
  }
});

test("one deadline for everything up to the welcome", async () => {
  const made = client();
  await settle();
  made.ws.open();
  await pass(9_999);
  expect(made.socket.state.status).toBe("connecting");
  await pass(1);
  expect(made.socket.state).toMatchObject({ status: "waiting" });
  expect(made.ws.closedWith).toBe("none");
});

test("frames before the welcome move no deadline", async () => {
  const made = client();
  await settle();
  made.ws.open();
  await pass(9_000);
  made.ws.says({ cmd: ":ping" });
  await pass(1_000);
  expect(made.socket.state).toMatchObject({ status: "waiting" });
});

test("a silent connection is abandoned after ping and timeout", async () => {
  const made = await opened({}, { ping: 1_000, timeout: 500 });
  const old = made.ws;
  await pass(1_000);
  old.says({ cmd: ":ping" });
  expect(old.sent.at(-1)).toEqual({ cmd: ":pong" });
  await pass(1_499);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state).toMatchObject({
    status: "waiting",
    cause: { message: "timeout" },
  });
  await pass(1_000);
  made.ws.welcome({ connection: "c2" });
  // Whatever the old one still says is nobody's.
  old.says({ cmd: "pong", param: { timestamp: 1 } });
  old.ends(4503);
  expect(made.socket.state).toMatchObject({ id: "c2" });
  expect(made.messages).toEqual([]);
});

test("a page that slept notices at once that the deadline passed", async () => {
  const made = await opened();
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(35_000);
  expect(made.socket.state.status).toBe("waiting");
});

test("a clock that was set back does not keep a dead connection alive", async () => {
  const made = await opened();
  vi.setSystemTime(Date.now() - 3_600_000);
  await pass(70_000);
  expect(made.socket.state.status).not.toBe("open");
});

test("a drain moves within its window, also if the close comes first", async () => {
  const made = await opened();
  made.ws.says({ cmd: ":drain", param: { after: [1_000, 3_000] } });
  await pass(1_999);
  expect(made.socket.state.status).toBe("open");
  // One for the timer of the drain, one for that of the next attempt.
  await pass(2);
  expect(made.sockets).toHaveLength(2);
  const other = await opened();
  other.ws.says({ cmd: ":drain", param: { after: [1_000, 3_000] } });
  other.ws.ends(1001);
  await pass(1_999);
  expect(other.sockets).toHaveLength(1);
  await pass(1);
  expect(other.sockets).toHaveLength(2);
});

test("close-connection closes and stays closed", async () => {
  const made = await opened();
  made.ws.says({ cmd: "close-connection", param: {} });
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "asked" } });
  expect(made.ws.closedWith).toBe(1000);
  await pass(1e6);
  expect(made.sockets).toHaveLength(1);
});

test("disconnect stays away and connect comes back", async () => {
  const made = await opened();
  made.socket.disconnect();
  expect(made.ws.closedWith).toBe(1000);
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "user" } });
  await pass(1e6);
  expect(made.sockets).toHaveLength(1);
  made.socket.connect();
  await settle();
  made.ws.welcome({ connection: "c2" });
  expect(made.socket.state).toMatchObject({ status: "open", id: "c2" });
  expect(made.errors).toEqual([]);
});

test("connect cuts a delay short", async () => {
  const made = await opened();
  made.ws.ends(1006);
  made.socket.connect();
  await settle();
  expect(made.sockets).toHaveLength(2);
  await pass(5_000);
  expect(made.sockets).toHaveLength(2);
});

test("the session is handed in again, and forgotten by disconnect", async () => {
  const made = await opened({}, { session: "s1" });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2" });
  expect(made.ws.connect["session"]).toBe("s1");
  made.socket.disconnect();
  made.socket.connect();
  await settle();
  made.ws.open();
  expect(made.ws.connect).not.toHaveProperty("session");
});

test("the token is renewed before it runs out, and when the server asks", async () => {
  let count = 0;
  const made = await opened({ token: () => `t${++count}` }, { expires: 60_000 });
  await pass(24_000);
  made.ws.says({ cmd: ":ping" });
  await pass(24_000);
  const [first] = made.ws.commands;
  expect(first).toEqual({ cmd: ":refresh", param: { token: "t2" }, id: 2 });
  made.ws.says({ re: 2, param: { expires: 3_600_000 } });
  made.ws.says({ cmd: ":refresh", param: {} });
  await settle();
  expect(made.ws.commands.at(-1)).toMatchObject({ cmd: ":refresh", param: { token: "t3" } });
});

test("without a WebSocket the state and the error say what to do", async () => {
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  const errors: string[] = [];
  const { Socket } = await import("./fixtures/chat/chat.ts");
  const socket = new Socket({
    url: "wss://example.test/",
    onError: (_, message) => errors.push(message),
  });
  await settle();
  expect(socket.state).toMatchObject({ status: "closed", cause: { kind: "unusable" } });
  expect(errors).toEqual(["ReferenceError: WebSocket is not defined"]);
  if (WebSocket) globalThis.WebSocket = WebSocket;
});

test("a relative url where there is no page is unusable, and nothing throws", async () => {
  const made = client({ url: "/socket" });
  await settle();
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "unusable" } });
});

test("with connect: false nothing happens until connect()", async () => {
  const made = client({ connect: false });
  await pass(1e5);
  expect(made.socket.state).toEqual({ status: "idle" });
  expect(made.sockets).toHaveLength(0);
  made.socket.connect();
  await settle();
  expect(made.sockets).toHaveLength(1);
});

test("states are never changed in place", async () => {
  const seen: [unknown, string][] = [];
  const made = await opened();
  made.socket.subscribe((state) => seen.push([state, JSON.stringify(state)]));
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome();
  made.ws.ends(4500);
  expect(new Set(seen.map(([state]) => state)).size).toBe(5);
  for (const [state, before] of seen) expect(JSON.stringify(state)).toBe(before);
});

test("a client without a token has none to renew", async () => {
  const { ws, errors } = await opened({}, { expires: 10_000 });
  ws.says({ cmd: ":refresh" });
  await pass(10_000);
  expect(ws.commands).toEqual([]);
  expect(errors).toEqual([]);
});
