// The client that is generated for the chat, in Node, against the chat.

import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Message, Socket } from "../../../generated-ts/chat/index.ts";
import { presence } from "../../../generated-ts/chat/socket.ts";
import { Chat } from "./chat.ts";

let chat: Chat;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  await chat.kill();
});

/** A client, and all that it heard. */
class User {
  readonly messages: Message[] = [];
  readonly errors: string[] = [];
  readonly socket: Socket;

  constructor(query: string) {
    const { messages, errors } = this;
    this.socket = new Socket({
      url: chat.socketAddress(query),
      WebSocket,
      onMessage: (message) => messages.push(message),
      onGap: ({ channel, reason }) => errors.push(`${reason} ${channel}`),
      onError: (source, _, { code }) => errors.push(`${source} ${code}`),
    });
    sockets.push(this.socket);
  }

  async is(status: Socket["state"]["status"]): Promise<void> {
    await expect.poll(() => this.socket.state.status, { timeout: 30_000 }).toBe(status);
  }

  /** Waits until somebody said that. */
  async hears(text: string): Promise<Message> {
    const heard = () =>
      this.messages.find(
        ({ cmd, param }) => cmd === "chat" && "text" in param && param.text === text,
      );
    await expect.poll(heard).toBeDefined();
    return heard() as Message;
  }
}

test("calls are answered, and a command that nobody waits for causes its event", async () => {
  const { socket, messages, errors } = new User("ch=lobby");
  const before = Date.now();
  const { timestamp } = await socket.call({ cmd: "ping" });
  expect(timestamp).toBeGreaterThanOrEqual(before - 1);
  expect(messages).toEqual([]);

  expect(socket.send({ cmd: "ping" })).toBe("sent");
  await expect.poll(() => messages).toMatchObject([{ cmd: "pong", channel: "lobby" }]);

  const joined = await socket.call({ cmd: "join-room", param: { room: "attic" } });
  expect(joined).toEqual({ room: "attic", members: 1 });
  expect(errors).toEqual([]);
});

test("what one says the others of the channel hear, and nobody else", async () => {
  const [ann, ben, eve] = [
    new User("ch=lobby&user=ann"),
    new User("ch=lobby&user=ben"),
    new User("ch=elsewhere&user=eve"),
  ];
  await Promise.all([ann.is("open"), ben.is("open"), eve.is("open")]);
  await ann.socket.call({ cmd: "chat", channel: "lobby", param: { text: "to all" } });
  const heard = await ben.hears("to all");
  const { state } = ann.socket;
  expect(state.status === "open" && state.user).toEqual({ id: "ann", name: "ann" });
  expect(heard).toMatchObject({
    channel: "lobby",
    from: state.status === "open" && state.id,
    param: { user: "ann", time: expect.any(Number) },
  });

  const room = ben.socket.channel("attic");
  await room.join();
  await eve.socket.channel("attic").join();
  room.send("chat", { text: "upstairs" });
  expect(await eve.hears("upstairs")).toMatchObject({ channel: "attic" });
  const { count, members } = await presence(room);
  expect(count).toBe(2);
  expect(members.map(({ user }) => user?.name).sort()).toEqual(["ben", "eve"]);
  // Ann is answered after all that was meant for her.
  await ann.socket.call({ cmd: "ping" });
  expect(ann.messages.map(({ channel }) => channel)).toEqual(["lobby"]);
  expect([...ann.errors, ...ben.errors, ...eve.errors]).toEqual([]);
});

test("refusals are typed, and the connection goes on", async () => {
  const { socket, errors } = new User("ch=lobby");
  const empty = await socket.tryCall({ cmd: "chat", param: { text: "" } });
  if (empty.ok || empty.error.code !== "invalid-param") throw new Error("it was taken");
  expect(empty.error.data.path).toBe("text");
  expect(empty.error.data.reason).not.toBe("");

  await expect(socket.channel("two words").join()).rejects.toMatchObject({
    code: "invalid-channel",
  });
  const room = { room: "two words" };
  await expect(socket.call({ cmd: "join-room", param: room })).rejects.toMatchObject({
    code: "invalid-channel",
  });
  const outside = { channel: "attic", cmd: "chat", param: { text: "hi" } } as const;
  await expect(socket.call(outside)).rejects.toMatchObject({ code: "not-joined" });
  expect(errors).toEqual([]);
  socket.send(outside);
  await expect.poll(() => errors).toEqual(["server not-joined"]);
  const { size } = new Set(await Promise.all([1, 2, 3].map(() => socket.call({ cmd: "ping" }))));
  expect(size).toBe(3);
});

test("a join refused in the handshake rejects", async () => {
  const { socket } = new User("ch=lobby");
  const refused = socket.channel("two words").join();
  const joined = socket.channel("attic").join();
  await expect(refused).rejects.toMatchObject({ code: "invalid-channel" });
  expect(await joined).toMatchObject({ recovery: "fresh" });
});

test("after the server died and came back, everybody is where they were", async () => {
  const [ann, ben] = [new User("ch=lobby&user=ann"), new User("ch=lobby&user=ben")];
  await ann.socket.channel("attic").join();
  await ben.socket.call({ cmd: "join-room", param: { room: "attic" } });
  await chat.kill();
  await Promise.all([ann.is("waiting"), ben.is("waiting")]);
  expect(ann.socket.channel("attic").send("chat", { text: "kept" })).toBe("queued");
  const called = ann.socket.call({ cmd: "ping" }, { timeout: 30_000 });
  await chat.start();
  await Promise.all([ann.is("open"), ben.is("open")]);
  await called;
  await ann.hears("kept");
  ann.socket.channel("attic").send("chat", { text: "still here" });
  await ben.hears("still here");
});
