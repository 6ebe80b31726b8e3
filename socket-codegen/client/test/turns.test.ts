// Whoever the program has awaiting a message goes on before the next is told, also where the engine hands over
// several in one task.

import type { AddressInfo } from "node:net";
import { beforeEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { messages, ready, type WebSocketClass } from "../dist/socket.js";
import { Socket } from "./fixtures/chat/chat.ts";
import { FakeWebSocket, recorded, WELCOME } from "./server.ts";

beforeEach(() => {
  vi.useRealTimers();
});

/** As engines do that hand over several frames in one task. */
class Bunched extends FakeWebSocket {
  override readonly inTurn: boolean = false;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const chat = (text: string) => ({ cmd: "chat", param: { user: "ann", text } });
const joinRoom = { cmd: "join-room", param: { room: "a" } } as const;

async function bunched() {
  const sockets: FakeWebSocket[] = [];
  const log: string[] = [];
  const WebSocket = recorded(sockets, Bunched);
  const socket = new Socket({
    url: "wss://example.test/",
    WebSocket,
    onError: (_, message) => log.push(`error ${message}`),
  });
  socket.on("chat", ({ text }) => log.push(text));
  await turn();
  const [ws] = sockets;
  if (!ws) throw new Error("no WebSocket was made");
  return { socket, ws, log, sockets };
}

async function openBunched() {
  const made = await bunched();
  made.ws.welcome();
  await turn();
  return made;
}

/** Awaits a value through so many functions of a program. */
async function through<T>(depth: number, value: Promise<T>): Promise<T> {
  return depth === 0 ? value : await through(depth - 1, value);
}

test.each([0, 1, 10, 100])(
  "a reply before the event behind it, through %i functions",
  async (n) => {
    const { socket, ws, log } = await openBunched();
    const done = through(n, socket.call(joinRoom)).then(() => log.push("reply"));
    ws.says({ re: 2, param: { room: "a", members: 1 } });
    ws.says(chat("one"));
    ws.says(chat("two"));
    await done;
    await turn();
    await turn();
    expect(log).toEqual(["reply", "one", "two"]);
  },
);

test("and where both are in one frame", async () => {
  const { socket, ws, log } = await openBunched();
  const done = through(10, socket.tryCall(joinRoom)).then(() => log.push("reply"));
  ws.says([chat("zero"), { re: 2, error: { code: "room-full" } }, chat("one"), chat("two")]);
  await done;
  expect(log).toEqual(["zero", "reply"]);
  await turn();
  await turn();
  expect(log).toEqual(["zero", "reply", "one", "two"]);
});

test("what awaits the connection hears the first event", async () => {
  const { socket, ws } = await bunched();
  const heard: string[] = [];
  const open = through(5, ready(socket)).then(() =>
    socket.on("chat", ({ text }) => heard.push(text)),
  );
  ws.welcome();
  ws.says(chat("first"));
  await open;
  await turn();
  expect(heard).toEqual(["first"]);
});

test("what awaits a join hears the first event of the channel", async () => {
  const { socket, ws } = await openBunched();
  const heard: string[] = [];
  const room = socket.channel("room:1");
  const joined = through(5, room.join()).then(() =>
    room.on("chat", ({ text }) => heard.push(text)),
  );
  ws.says({ re: 2, param: { recovery: "none" } });
  ws.says({ ...chat("first"), channel: "room:1" });
  await joined;
  await turn();
  expect(heard).toEqual(["first"]);
});

test("an event that a handler makes a promise of", async () => {
  const { socket, ws, log } = await openBunched();
  const once = new Promise((resolve) => socket.on("pong", resolve));
  const done = through(5, once).then(() => log.push("pong"));
  ws.says({ cmd: "pong", param: { timestamp: 1 } });
  ws.says(chat("one"));
  await done;
  await turn();
  expect(log).toEqual(["pong", "one"]);
});

test("the body of a loop over events runs for each before the next", async () => {
  const { socket, ws, log } = await openBunched();
  const loop = (async () => {
    for await (const { cmd } of messages(socket)) {
      log.push(`loop ${cmd}`);
      if (log.length > 3) return;
    }
  })();
  ws.says(chat("one"));
  ws.says(chat("two"));
  await loop;
  expect(log).toEqual(["one", "loop chat", "two", "loop chat"]);
});

test("a close takes its turn too: what came before it is told", async () => {
  const { socket, ws, log } = await openBunched();
  const calls = [socket.call(joinRoom), socket.call(joinRoom)];
  ws.says({ re: 2, param: { room: "a", members: 1 } });
  ws.says({ re: 3, param: { room: "b", members: 1 } });
  ws.says(chat("last"));
  ws.ends(1001, "draining");
  expect(await Promise.all(calls)).toHaveLength(2);
  await turn();
  await turn();
  await turn();
  expect(log).toEqual(["last", "error draining"]);
  expect(socket.state.status).toBe("waiting");
});

test("nothing is told any more once the program has closed", async () => {
  const { socket, ws, log } = await openBunched();
  const done = socket.call(joinRoom).then(() => socket.disconnect());
  ws.says({ re: 2, param: { room: "a", members: 1 } });
  ws.says(chat("late"));
  await done;
  await turn();
  await turn();
  expect(log).toEqual([]);
});

test("fake timers need not be advanced for it", async () => {
  const { socket, ws, log } = await openBunched();
  vi.useFakeTimers();
  const done = socket.call(joinRoom).then(() => log.push("reply"));
  ws.says({ re: 2, param: { room: "a", members: 1 } });
  ws.says(chat("one"));
  await done;
  await vi.waitUntil(() => log.length === 2);
  expect(log).toEqual(["reply", "one"]);
});

const engines = [
  ["ws", WebSocket as unknown as WebSocketClass],
  ["the engine's own", globalThis.WebSocket as WebSocketClass | undefined],
] as const;

for (const [name, given] of engines) {
  test.skipIf(!given)(`frames that come in one packet, WebSocket: ${name}`, async () => {
    const server = new WebSocketServer({ port: 0 });
    server.on("connection", (ws, { socket }) => {
      ws.on("message", (data) => {
        const { cmd, id } = JSON.parse(String(data));
        // In one packet: the answer, and the events that change what it says.
        socket.cork();
        ws.send(JSON.stringify({ re: id, param: cmd === ":connect" ? WELCOME : { n: 1 } }));
        if (cmd !== ":connect") for (const n of ["2", "3"]) ws.send(JSON.stringify(chat(n)));
        socket.uncork();
      });
    });
    const { port } = server.address() as AddressInfo;
    const socket = new Socket({
      url: `ws://127.0.0.1:${port}/`,
      ...(given && { WebSocket: given }),
    });
    await ready(socket);
    let value = 0;
    for (let round = 0; round < 60; round++) {
      const told = new Promise<void>((resolve) => {
        const off = socket.on("chat", ({ text }) => {
          value = Number(text);
          if (text === "3") resolve(off());
        });
      });
      await through(3, socket.call(joinRoom));
      value = 1;
      await told;
      expect(value).toBe(3);
    }
    socket.disconnect();
    server.close();
  });
}
