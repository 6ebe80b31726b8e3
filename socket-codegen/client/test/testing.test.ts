// The mock server as users' tests use it: under the fake timers of this suite, never advanced for it.

import { expect, test, vi } from "vitest";
import { presence, SocketError } from "../dist/socket.js";
import { MockError, MockServer, refuse } from "../dist/socket.testing.js";
import { Socket } from "./fixtures/chat/chat.ts";
import { pass } from "./server.ts";

async function connected() {
  const server = new MockServer(Socket, { user: { id: "u1", name: "ann" } });
  const socket = server.socket();
  await server.opened();
  return { server, socket };
}

test("a call is answered by a value, by a function, and late", async () => {
  const { server, socket } = await connected();
  server.on("join-room", { room: "a", members: 1 });
  expect(await socket.call({ cmd: "join-room", param: { room: "a" } })).toEqual({
    room: "a",
    members: 1,
  });
  server.on("join-room", ({ room }) => ({ room, members: 2 }));
  const { members } = await socket.call({ cmd: "join-room", param: { room: "b" } });
  expect(members).toBe(2);
  server.on("chat", async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  const said = socket.call({ cmd: "chat", channel: "lobby", param: { text: "hi" } });
  await pass(500);
  expect(await said).toEqual({});
});

test("a call is refused with the command's own error, and with the protocol's", async () => {
  const { server, socket } = await connected();
  server.on("join-room", ({ room }) =>
    room === "full"
      ? refuse({ code: "room-full", message: "no more", data: { max: 3 } })
      : refuse({ code: "forbidden" }),
  );
  const full = await socket.tryCall({ cmd: "join-room", param: { room: "full" } });
  expect(full).toMatchObject({ ok: false, error: { code: "room-full", data: { max: 3 } } });
  const other = socket.call({ cmd: "join-room", param: { room: "b" } });
  await expect(other).rejects.toMatchObject({ code: "forbidden", message: "forbidden" });
});

test("a command that is only sent and refused comes back as an error of its own", async () => {
  const onError = vi.fn();
  const server = new MockServer(Socket);
  const socket = server.socket({ onError });
  server.on("chat", () => refuse({ code: "rate-limited", data: { retryAfter: 10 } }));
  socket.send({ cmd: "chat", channel: "lobby", param: { text: "hi" } });
  await server.opened();
  await pass(0);
  expect(onError).toHaveBeenCalledWith("server", "rate-limited", expect.any(SocketError));
});

test("a call without an answer, and a handler that throws, say so to the caller", async () => {
  const { server, socket } = await connected();
  const room = { cmd: "join-room", param: { room: "a" } } as const;
  await expect(socket.call(room)).rejects.toThrow(
    'the mock server has no answer to join-room: server.on("join-room", …)',
  );
  server.on("join-room", () => {
    throw new TypeError("oops");
  });
  await expect(socket.call(room)).rejects.toThrow(
    "the mock server's handler of join-room threw: TypeError: oops",
  );
});

test("events go to a channel's members, and to everybody", async () => {
  const { server, socket } = await connected();
  const heard: unknown[] = [];
  socket.on("user-joined", (param, { channel }) => heard.push([channel, param]));
  socket.on("pong", (param) => heard.push(param));
  const room = socket.channel("room:1");
  await room.join();
  expect(server.channels).toEqual(["room:1"]);
  server.emit("user-joined", { user: "ben" }, { channel: "room:1" });
  server.emit("pong", { timestamp: 1 });
  expect(heard).toEqual([["room:1", { user: "ben" }], { timestamp: 1 }]);
});

test("an event for nobody is a mistake of the test, and says who is where", async () => {
  const { server, socket } = await connected();
  await socket.channel("lobby").join();
  expect(() => server.emit("user-joined", { user: "ben" }, { channel: "room:1" })).toThrow(
    new MockError("emit user-joined: no client is in room:1; they are in lobby"),
  );
  socket.disconnect();
  expect(() => server.emit("pong", { timestamp: 1 })).toThrow(
    "emit pong: nobody is connected; await server.opened() first",
  );
  expect(() => server.drop()).toThrow("drop 1006: nobody is connected");
});

test("what was sent is found, and what was not is told with all that was", async () => {
  const { server, socket } = await connected();
  expect(() => server.expectSent("chat")).toThrow(
    new MockError("expected the client to send chat\nit sent nothing"),
  );
  socket.send({ cmd: "chat", channel: "lobby", param: { text: "one" } });
  socket.send({ cmd: "ping" });
  await pass(0);
  expect(server.expectSent("chat", { text: "one" }, { channel: "lobby" })).toEqual({
    cmd: "chat",
    channel: "lobby",
    param: { text: "one" },
  });
  expect(server.sent.map(({ cmd }) => cmd)).toEqual(["chat", "ping"]);
  expect(() => server.expectSent("chat", { text: "two" }, { channel: "room:1" })).toThrow(
    new MockError(
      'expected the client to send chat to room:1 with {"text":"two"}\nit sent ' +
        '\n  1. chat to lobby with {"text":"one"}\n  2. ping with {}',
    ),
  );
  server.clear();
  socket.disconnect();
  expect(() => server.expectSent("ping")).toThrow("nothing, and it is not connected");
});

test("a dropped client comes back, one that is to stay away does not", async () => {
  const { server, socket } = await connected();
  const room = socket.channel("room:1");
  await room.join();
  server.drop();
  expect(socket.state.status).toBe("waiting");
  await pass(50);
  expect(socket.state.status).toBe("open");
  expect(server.channels).toEqual(["room:1"]);
  server.drop(4503, "stay away");
  expect(socket.state).toMatchObject({ status: "closed", cause: { message: "stay away" } });
});

test("while it is stopped nobody comes in, and what is sent waits", async () => {
  const { server, socket } = await connected();
  server.stop();
  await pass(10_000);
  expect(socket.state.status).not.toBe("open");
  expect(socket.send({ cmd: "ping" })).toBe("queued");
  server.start();
  await pass(20_000);
  expect(socket.state.status).toBe("open");
  expect(server.expectSent("ping").id).toBeUndefined();
});

test("who comes in, and where, is the test's to say", async () => {
  const server = new MockServer(Socket, {
    connect: ({ token }) =>
      token === "good" ? { id: "u2", name: "ben" } : refuse({ code: "unauthorized" }),
    channel: "lobby",
    join: (channel) => (channel === "room:1" ? refuse({ code: "forbidden" }) : undefined),
  });
  const refused = server.socket({ token: () => "bad", random: () => 0, onError: () => {} });
  await pass(1_000);
  expect(refused.state).toMatchObject({ status: "closed", cause: { kind: "unauthorized" } });
  const socket = server.socket({ token: () => "good" });
  await server.opened();
  expect(socket.state).toMatchObject({ user: { name: "ben" } });
  expect(server.channels).toEqual(["lobby"]);
  await expect(socket.channel("room:1").join()).rejects.toMatchObject({ code: "forbidden" });
  const closed = vi.fn();
  const room = socket.channel("room:2");
  room.onClosed(closed);
  await room.join();
  server.expel("room:2", { code: "not-joined", message: "out" });
  expect(closed).toHaveBeenCalledWith(expect.objectContaining({ message: "out" }));
});

test("it stands for the global WebSocket of a program that makes its own socket", async () => {
  const server = new MockServer(Socket);
  vi.stubGlobal("WebSocket", server.WebSocket);
  const socket = new Socket({ url: "wss://example.test/socket" });
  await server.opened();
  expect(socket.state.status).toBe("open");
  const room = socket.channel("room:1");
  await room.join();
  expect(await presence(room)).toMatchObject({ count: 1 });
  vi.unstubAllGlobals();
});
