// Connections that are cut at any byte, and a restart, against the real server: no event is lost or
// doubled, no answer is made up, no call runs twice.

import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Message, Socket } from "../../../generated-ts/chat/index.ts";
import type { Gap, SocketError } from "../../../generated-ts/chat/socket.ts";
import { Chat } from "./chat.ts";
import { Network } from "./network.ts";
import { numbers } from "./random.ts";

let chat: Chat;
let network: Network;
let port: number;
let users: User[];

beforeEach(async () => {
  users = [];
  chat = new Chat();
  await chat.start();
  network = new Network(new URL(chat.address("/")));
  port = await network.listen();
});

afterEach(async () => {
  for (const { socket } of users) socket.disconnect();
  network.close();
  await chat.kill();
});

/** A client in the lobby, and the texts that it heard there. */
class User {
  readonly texts: string[] = [];
  readonly gaps: Gap[] = [];
  readonly errors: string[] = [];
  breaks = 0;
  readonly socket: Socket;

  constructor(url: string) {
    this.socket = new Socket({
      url,
      WebSocket,
      // Comes back at once: the test is about what happens then.
      random: () => 0.01,
      onMessage: (message: Message) => {
        if (message.cmd === "chat") this.texts.push(message.param.text);
      },
      onGap: (gap) => this.gaps.push(gap),
      onError: (source, message) => {
        if (source === "connection") this.breaks++;
        else this.errors.push(`${source}: ${message}`);
      },
    });
    users.push(this);
  }

  async isOpen(): Promise<void> {
    await expect.poll(() => this.socket.state.status, { timeout: 30_000 }).toBe("open");
  }

  async hears(text: string): Promise<void> {
    await expect.poll(() => this.texts.includes(text), { timeout: 30_000 }).toBe(true);
  }

  say(text: string): Promise<unknown> {
    return this.socket.call({ cmd: "chat", param: { text } });
  }
}

test("80 cuts at any byte: every event once and in order, every call at most once", async () => {
  const random = numbers(11);
  const there = new User(chat.socketAddress("ch=lobby&user=there"));
  const away = new User(`ws://127.0.0.1:${port}/example/socket?ch=lobby&user=away`);
  await there.isOpen();
  await away.isOpen();
  const ends = new Map<string, "ok" | SocketError>();
  for (let round = 0; round < 80; round++) {
    const breaks = away.breaks;
    network.breakAfter(1 + Math.floor(random() * 1_500));
    for (let turn = 0; away.breaks === breaks; turn++) {
      await there.say(`there ${round}.${turn}`);
      const text = `away ${round}.${turn}`;
      const said = away.say(text).then(
        () => ends.set(text, "ok"),
        (error: SocketError) => ends.set(text, error),
      );
      // Sometimes one after the other, sometimes all at once.
      if (random() < 0.3) await said;
    }
    await away.isOpen();
  }
  await there.say("the end");
  await away.hears("the end");
  // Calls are answered in the order in which they were made.
  await away.socket.call({ cmd: "ping" });
  await there.socket.call({ cmd: "ping" });

  expect(there.breaks).toBe(0);
  expect(away.breaks).toBeGreaterThanOrEqual(80);
  expect(away.gaps).toEqual([]);
  expect(away.texts).toEqual(there.texts);
  expect(new Set(there.texts).size).toBe(there.texts.length);
  // The session went on each time: every call has its answer, and ran.
  for (const [text, end] of ends) {
    expect([text, end]).toEqual([text, "ok"]);
    expect(there.texts).toContain(text);
  }
  expect([...away.errors, ...there.errors]).toEqual([]);
});

test("a restart loses the history, and that is told once", async () => {
  const ann = new User(chat.socketAddress("ch=lobby&user=ann"));
  await ann.isOpen();
  await ann.say("before");
  await chat.kill();
  await chat.start();
  await ann.isOpen();
  await expect.poll(() => ann.gaps).toEqual([{ channel: "lobby", reason: "gap" }]);
  await ann.say("after");
  await ann.hears("after");
  expect(ann.texts).toEqual(["before", "after"]);
  expect(ann.gaps).toHaveLength(1);
});
