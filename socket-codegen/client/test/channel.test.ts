import { expect, test, vi } from "vitest";
import { presence } from "../dist/socket.js";
import { client, opened, pass, settle, WELCOME } from "./server.ts";

test("joins made before the connection go with :connect", async () => {
  const made = client();
  const room = made.socket.channel("room:1");
  const joined = room.join();
  await settle();
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({ "room:1": {} });
  made.ws.says({
    re: 1,
    param: { connection: "c1", channels: { "room:1": { recovery: "none" } } },
  });
  expect(await joined).toEqual({ recovery: "none" });
  expect(made.ws.commands).toEqual([]);
});

test("a join asked for between :connect and its answer is sent after it", async () => {
  const made = client();
  await settle();
  made.ws.open();
  const joined = made.socket.channel("lobby").join();
  expect(made.ws.sent).toHaveLength(1);
  made.ws.says({ re: 1, param: { connection: "c1" } });
  expect(made.ws.commands).toEqual([{ cmd: ":join", channel: "lobby", id: 2 }]);
  made.ws.says({ re: 2, param: { data: 1 } });
  expect(await joined).toEqual({ data: 1 });
});

test("a clock that moves on at every look loses no command of the protocol's own", async () => {
  let time = 1_000_000;
  const made = client({ now: () => time++ });
  await settle();
  made.ws.open();
  const joined = made.socket.channel("lobby").join();
  made.ws.says({ re: 1, param: { connection: "c1" } });
  expect(made.ws.commands).toEqual([{ cmd: ":join", channel: "lobby", id: 2 }]);
  made.ws.says({ re: 2, param: {} });
  expect(await joined).toEqual({});
});

test("what is joined is joined again after a break", async () => {
  const made = await opened();
  made.socket.channel("room:1").join();
  made.ws.says({ re: 2, param: {} });
  made.ws.says({ cmd: ":joined", channel: "room:9", param: {} });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({ "room:1": {}, "room:9": {} });
});

test("holders are counted, and leaving and joining at once costs nothing", async () => {
  const { socket, ws } = await opened();
  const [one, two] = [socket.channel("lobby"), socket.channel("lobby")];
  one.join();
  two.join();
  one.join();
  ws.says({ re: 2, param: {} });
  expect(ws.commands).toHaveLength(1);
  one.leave();
  one.leave();
  await settle();
  expect(ws.commands).toHaveLength(1);
  two.leave();
  two.join();
  await settle();
  expect(ws.commands).toHaveLength(1);
  two.leave();
  await settle();
  expect(ws.commands.at(-1)).toEqual({ cmd: ":leave", channel: "lobby", id: 3 });
});

test("leaving before the answer ends the wait, and leaves in order", async () => {
  const { socket, ws } = await opened();
  const room = socket.channel("lobby");
  const joined = expect(room.join()).rejects.toMatchObject({ code: "aborted" });
  room.leave();
  await settle();
  await joined;
  expect(ws.commands.map(({ cmd }) => cmd)).toEqual([":join", ":leave"]);
  ws.says({ re: 2, param: {} });
  ws.says({ re: 3, param: {} });
  const again = room.join();
  expect(ws.commands.at(-1)).toMatchObject({ cmd: ":join", channel: "lobby", id: 4 });
  ws.says({ re: 4, param: { data: 1 } });
  expect(await again).toEqual({ data: 1 });
});

test("leaving during the handshake leaves after it", async () => {
  const made = client();
  const room = made.socket.channel("lobby");
  room.join().catch(() => {});
  await settle();
  made.ws.open();
  room.leave();
  await settle();
  made.ws.says({ re: 1, param: { connection: "c1", channels: { lobby: {} } } });
  expect(made.ws.commands).toMatchObject([{ cmd: ":leave", channel: "lobby" }]);
});

test("a refusal rejects, at the first join and in the welcome", async () => {
  const error = { code: "forbidden", message: "not you" };
  const made = await opened();
  const room = made.socket.channel("lobby");
  const joined = expect(room.join()).rejects.toMatchObject(error);
  made.ws.says({ re: 2, error });
  await joined;
  const other = client();
  const refused = expect(other.socket.channel("lobby").join()).rejects.toMatchObject(error);
  await settle();
  other.ws.welcome({ channels: { lobby: { error } } });
  await refused;
  expect(made.errors.concat(other.errors)).toEqual([]);
});

test("a channel lost is told to onClosed, else to onError, and not joined again", async () => {
  const made = await opened();
  const room = made.socket.channel("lobby");
  room.join();
  made.ws.says({ re: 2, param: {} });
  const reason = { code: "forbidden", message: "thrown out" };
  const closed = vi.fn();
  const off = room.onClosed(closed);
  made.ws.says({ cmd: ":closed", channel: "lobby", param: { reason } });
  expect(closed.mock.calls).toMatchObject([[reason]]);
  off();
  room.join();
  made.ws.says({ re: 3, param: {} });
  made.ws.says({ cmd: ":closed", channel: "lobby", param: { reason } });
  expect(made.errors).toMatchObject([{ source: "channel", code: "forbidden" }]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({});
});

test("disconnect ends a wait, and the wish comes back with connect", async () => {
  const made = client();
  const joined = expect(made.socket.channel("lobby").join()).rejects.toMatchObject({
    code: "disconnected",
  });
  made.socket.disconnect();
  await joined;
  made.socket.connect();
  await settle();
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({ lobby: {} });
});

test("a break while a join is on its way asks again with :connect", async () => {
  const made = await opened();
  const joined = made.socket.channel("lobby").join();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({ lobby: {} });
  made.ws.says({ re: 1, param: { connection: "c2", channels: { lobby: {} } } });
  expect(await joined).toEqual({});
});

test("a leave on its way when the connection broke does not undo a later join", async () => {
  const made = await opened({}, { session: "s1" });
  const room = made.socket.channel("lobby");
  room.join();
  made.ws.says({ re: 2, param: {} });
  room.leave();
  await settle();
  expect(made.ws.commands.at(-1)).toMatchObject({ cmd: ":leave" });
  made.ws.ends(1006);
  room.join();
  await pass(1_000);
  made.ws.welcome({ session: "s2", resumed: true, channels: { lobby: {} } });
  expect(made.ws.connect["channels"]).toEqual({ lobby: {} });
  expect(made.ws.commands).toEqual([]);
});

test("its commands carry its name, its events are its own", async () => {
  const { socket, ws, messages } = await opened();
  const room = socket.channel("room:1");
  const heard = vi.fn();
  const everywhere = vi.fn();
  room.on("chat", heard);
  socket.on("chat", everywhere);
  const chat = (channel: string) => ({
    cmd: "chat",
    channel,
    from: "c9",
    param: { user: "ann", text: channel, time: 1 },
  });
  ws.says([
    chat("room:1"),
    chat("room:2"),
    { cmd: "chat", param: { user: "b", text: "", time: 2 } },
  ]);
  expect(heard.mock.calls).toEqual([[chat("room:1").param, chat("room:1")]]);
  expect(everywhere).toHaveBeenCalledTimes(3);
  expect(messages).toHaveLength(3);
  room.send("chat", { text: "hi" });
  room.call("chat", { text: "ho" }).catch(() => {});
  await settle();
  expect(ws.commands).toEqual([
    { cmd: "chat", channel: "room:1", param: { text: "hi" } },
    { cmd: "chat", channel: "room:1", param: { text: "ho" }, id: 2, timeout: 10_000 },
  ]);
});

test("members are asked for page by page", async () => {
  const { socket, ws } = await opened();
  const page = presence(socket.channel("lobby"), { after: "x", limit: 2 });
  await settle();
  expect(ws.commands).toEqual([
    { cmd: ":members", channel: "lobby", param: { after: "x", limit: 2 }, id: 2, timeout: 10_000 },
  ]);
  ws.says({ re: 2, param: { count: 0, members: [] } });
  expect(await page).toEqual({ count: 0, members: [] });
});

test("who comes and goes is told to on, and not to onMessage", async () => {
  const { socket, ws, messages, errors } = await opened();
  const heard = vi.fn();
  socket.channel("lobby").on("online-update", heard);
  const param = { userID: "u1", connection: "c2", connected: true, last: false };
  ws.says({ cmd: "online-update", channel: "lobby", param });
  expect(heard.mock.calls[0]?.[0]).toEqual(param);
  expect(messages).toEqual([]);
  expect(errors).toEqual([]);
});

test("what `on` gives is disposable where the engine knows it", async () => {
  const { socket, ws } = await opened();
  const heard = vi.fn();
  const off = socket.channel("lobby").on("chat", heard);
  off[Symbol.dispose]();
  ws.says({ cmd: "chat", channel: "lobby", param: { user: "ann", text: "hi", time: 1 } });
  expect(heard).not.toHaveBeenCalled();
});

test("an answer to :join behind a :closed is the server's last word", async () => {
  const made = await opened();
  const room = made.socket.channel("room:1");
  const joined = room.join();
  made.ws.says({ cmd: ":joined", channel: "room:1", param: {} });
  expect(await joined).toEqual({});
  made.ws.says({
    cmd: ":closed",
    channel: "room:1",
    param: { reason: { code: "forbidden", message: "out" } },
  });
  made.ws.says({ re: 2, param: {} });
  // The server has it as a member, and so has the client: leaving is said.
  room.leave();
  await settle();
  expect(made.ws.commands.at(-1)).toEqual({ cmd: ":leave", channel: "room:1", id: 3 });
});

test("leaving while the queue drains stands behind what was sent before, and ahead of what comes after", async () => {
  const made = client();
  const room = made.socket.channel("room:1");
  room.join().catch(() => {});
  for (const text of ["one", "two", "three"]) room.send("chat", { text });
  await settle();
  // One at once, and one more each second.
  made.ws.welcome({ limits: { rate: 1, burst: 1 }, channels: { "room:1": {} } });
  room.leave();
  await pass(0);
  expect(room.send("chat", { text: "too late" })).toBe("queued");
  await pass(10_000);
  expect(
    made.ws.commands.map(({ cmd, param }) => [cmd, (param as { text?: string })?.text]),
  ).toEqual([
    ["chat", "one"],
    ["chat", "two"],
    ["chat", "three"],
    [":leave", undefined],
    ["chat", "too late"],
  ]);
});

test("leaving while the server drains leaves here, and is not asked for there", async () => {
  const made = await opened({ random: () => 0 }, { channels: { lobby: {} } });
  const [room, lobby] = [made.socket.channel("room:1"), made.socket.channel("lobby")];
  room.join().catch(() => {});
  lobby.join().catch(() => {});
  await settle();
  made.ws.says({ re: 2, param: {} });
  made.ws.says({ cmd: ":drain", param: { after: [1_000, 3_000] } });
  room.leave();
  await pass(0);
  expect(made.ws.commands.at(-1)).toMatchObject({ cmd: ":leave", channel: "room:1" });
  // The answer is lost with the connection that moves.
  await pass(1_001);
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({ lobby: {} });
  made.ws.says({ re: 1, param: { ...WELCOME, channels: { lobby: {} } } });
  await pass(0);
  expect(made.ws.commands).toEqual([]);
});

test("leaving in the task in which the drain moves it leaves too", async () => {
  const made = await opened({ random: () => 0 });
  const room = made.socket.channel("room:1");
  room.join().catch(() => {});
  await settle();
  made.ws.says({ re: 2, param: {} });
  made.ws.says({ cmd: ":drain", param: { after: [0, 0] } });
  room.leave();
  await pass(0);
  made.ws.welcome();
  await pass(0);
  expect(made.errors.filter(({ source }) => source !== "connection")).toEqual([]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toEqual({});
});

test("an answer to :join behind a :closed counts for all that want the channel", async () => {
  const made = await opened();
  const [one, two] = [made.socket.channel("room:1"), made.socket.channel("room:1")];
  for (const room of [one, two]) room.join().catch(() => {});
  const reason = { code: "forbidden", message: "" };
  made.ws.says([
    { cmd: ":closed", channel: "room:1", param: { reason } },
    { re: 2, param: {} },
  ]);
  one.leave();
  await settle();
  expect(made.ws.commands.map(({ cmd }) => cmd)).toEqual([":join"]);
  two.leave();
  await settle();
  expect(made.ws.commands.map(({ cmd }) => cmd)).toEqual([":join", ":leave"]);
});
