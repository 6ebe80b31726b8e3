import { expect, test } from "vitest";
import { client, opened, pass, settle } from "./server.ts";

test("send writes cmd first, and leaves out what has no value", async () => {
  const { socket, ws } = await opened();
  expect(socket.send({ cmd: "ping" })).toBe("sent");
  expect(socket.send({ channel: "room:1", cmd: "chat", param: { text: "hi" } })).toBe("sent");
  expect(ws.commands).toEqual([
    { cmd: "ping" },
    { cmd: "chat", channel: "room:1", param: { text: "hi" } },
  ]);
  expect(ws.commands.map((command) => Object.keys(command)[0])).toEqual(["cmd", "cmd"]);
});

test("what is sent without a connection waits, in order, and goes out after the welcome", async () => {
  const { socket, ws } = await (async () => {
    const made = client();
    expect(made.socket.send({ cmd: "chat", param: { text: "0" } })).toBe("queued");
    made.socket.call({ cmd: "ping" }).catch(() => {});
    made.socket.send({ cmd: "chat", param: { text: "1" } });
    await settle();
    return made;
  })();
  ws.open();
  expect(ws.commands).toEqual([]);
  ws.says({ re: 1, param: { connection: "c1" } });
  expect(ws.commands.map(({ cmd, param, id }) => [cmd, param, id])).toEqual([
    ["chat", { text: "0" }, undefined],
    ["ping", undefined, 2],
    ["chat", { text: "1" }, undefined],
  ]);
  expect(socket.send({ cmd: "ping" })).toBe("sent");
});

test("the queue refuses the newest, by number and by bytes", async () => {
  const { socket, errors } = client();
  const chat = { cmd: "chat", param: { text: "é" } } as const;
  for (let n = 0; n < 1_000; n++) expect(socket.send(chat)).toBe("queued");
  expect(socket.send(chat)).toBe("dropped");
  await expect(socket.call(chat)).rejects.toMatchObject({ code: "queue-full" });
  // {"cmd":"chat","param":{"text":""}} is 34 bytes, and each é is two in UTF-8.
  const half = { cmd: "chat", param: { text: "é".repeat(2 ** 18 - 17) } } as const;
  const other = client().socket;
  expect([0, 1, 2].map(() => other.send(half))).toEqual(["queued", "queued", "dropped"]);
  const more = { cmd: "chat", param: { text: `${half.param.text}x` } } as const;
  const third = client().socket;
  expect([half, more].map((one) => third.send(one))).toEqual(["queued", "dropped"]);
  socket.disconnect();
  expect(errors).toEqual([{ source: "queue", code: "queue", message: "1000 not sent" }]);
  expect(socket.send(chat)).toBe("dropped");
});

test("the queue is sent at the pace that the server names, and new messages stay behind it", async () => {
  const made = client();
  for (let i = 0; i < 8; i++) made.socket.send({ cmd: "chat", param: { text: `${i}` } });
  await settle();
  made.ws.welcome({ limits: { rate: 10, burst: 5 } });
  // One of the five stays in hand, for what the network bunches.
  expect(made.ws.commands).toHaveLength(4);
  expect(made.socket.send({ cmd: "chat", param: { text: "8" } })).toBe("queued");
  await pass(100);
  expect(made.ws.commands).toHaveLength(5);
  await pass(400);
  expect(made.ws.commands.map(({ param }) => (param as { text: string }).text).join("")).toBe(
    "012345678",
  );
  await pass(100);
  expect(made.socket.send({ cmd: "ping" })).toBe("sent");
});

test.each([
  ["keeps what it has used of its rate", true, [0, 1, 2]],
  ["that is new has the whole burst", false, [2, 2, 2]],
])("a session %s", async (_, resumed, expected) => {
  // Three at once, and a reserve.
  const limits = { rate: 1, burst: 3.75 };
  const made = await opened({ random: () => 0 }, { session: "s1", limits });
  for (let i = 0; i < 3; i++) expect(made.socket.send({ cmd: "ping" })).toBe("sent");
  made.ws.ends(1006);
  for (let i = 0; i < 2; i++) expect(made.socket.send({ cmd: "ping" })).toBe("queued");
  await settle();
  expect(made.sockets).toHaveLength(2);
  made.ws.welcome({ session: "s2", resumed, limits });
  for (const count of expected) {
    expect(made.ws.commands).toHaveLength(count);
    await pass(1_000);
  }
});

test("a WebSocket that holds back too much counts as not open", async () => {
  const { socket, ws } = await opened();
  ws.bufferedAmount = 2 ** 20 + 1;
  expect(socket.send({ cmd: "ping" })).toBe("queued");
  await pass(200);
  expect(ws.commands).toEqual([]);
  ws.bufferedAmount = 0;
  await pass(50);
  expect(ws.commands).toEqual([{ cmd: "ping" }]);
});

test("a message over the server's limit is refused here", async () => {
  const { socket, ws } = await opened({}, { limits: { message: 50 } });
  const chat = { cmd: "chat", param: { text: "x".repeat(50) } } as const;
  expect(socket.send(chat)).toBe("dropped");
  await expect(socket.call(chat)).rejects.toMatchObject({ code: "too-large", data: { limit: 50 } });
  expect(ws.commands).toEqual([]);
});

const said = (text: string) => ({ cmd: "chat", param: { text } }) as const;

test("of what waits under one key only the newest goes out", async () => {
  const made = client();
  const { socket } = made;
  socket.send(said("a1"), { key: "a" });
  socket.send(said("b"), { key: "b" });
  socket.send(said("plain"));
  expect(socket.send(said("a2"), { key: "a" })).toBe("queued");
  socket.send({ ...said("elsewhere"), channel: "lobby" }, { key: "a" });
  await settle();
  made.ws.welcome();
  expect(made.ws.commands.map(({ param }) => param)).toEqual(
    ["b", "plain", "a2", "elsewhere"].map((text) => ({ text })),
  );
  socket.send(said("x"), { key: "a" });
  socket.send(said("y"), { key: "a" });
  expect(made.ws.commands).toHaveLength(6);
});

test("what waits longer than its ttl is given up", async () => {
  const made = client();
  for (let n = 0; n < 999; n++) made.socket.send(said("stale"), { ttl: 100 });
  made.socket.send(said("kept"), { ttl: 10_000 });
  expect(made.socket.send(said("over"))).toBe("dropped");
  await pass(101);
  expect(made.socket.send(said("room again"))).toBe("queued");
  made.ws.welcome();
  expect(made.ws.commands.map(({ param }) => param)).toEqual([
    { text: "kept" },
    { text: "room again" },
  ]);
});

test("volatile goes now or not at all", async () => {
  const made = client();
  expect(made.socket.send(said("early"), { volatile: true })).toBe("dropped");
  await settle();
  made.ws.welcome();
  expect(made.socket.channel("lobby").send("chat", { text: "now" }, { volatile: true })).toBe(
    "sent",
  );
  made.ws.bufferedAmount = 2 ** 20 + 1;
  expect(made.socket.send(said("late"), { volatile: true })).toBe("dropped");
  expect(made.ws.commands).toHaveLength(1);
});

test.each([
  ["volatile", { key: "a", volatile: true }, "new"],
  ["too long for the queue", { key: "a" }, "x".repeat(2 ** 20)],
])("what is refused as %s leaves what waits under its key", async (_, options, text) => {
  const made = client();
  expect(made.socket.send(said("kept"), { key: "a" })).toBe("queued");
  expect(made.socket.send(said(text), options)).toBe("dropped");
  await settle();
  made.ws.welcome();
  expect(made.ws.commands.map(({ param }) => param)).toEqual([{ text: "kept" }]);
});

test("a clock that is set back holds nothing up that waits for its turn", async () => {
  let skew = 0;
  const made = await opened({ now: () => Date.now() + skew });
  for (let n = 0; n < 90; n++) made.socket.send(said(`${n}`));
  expect(made.ws.commands).toHaveLength(80);
  skew = -3_600_000;
  await pass(1_000);
  expect(made.ws.commands).toHaveLength(90);
});
