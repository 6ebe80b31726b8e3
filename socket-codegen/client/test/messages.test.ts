import { expect, test } from "vitest";
import { messages } from "../dist/socket.js";
import { opened, pass } from "./server.ts";

const said = (text: string, channel = "lobby") => ({
  cmd: "chat",
  channel,
  param: { user: "ann", text, time: 1 },
});

test("every event comes in order, also what came before it was asked for", async () => {
  const { socket, ws } = await opened();
  const all = messages(socket);
  ws.says([said("one"), { cmd: "pong", param: { timestamp: 1 } }]);
  expect(await all.next()).toEqual({ done: false, value: said("one") });
  expect((await all.next()).value?.cmd).toBe("pong");
  const next = all.next();
  ws.says(said("two"));
  expect(await next).toEqual({ done: false, value: said("two") });
  const both = [all.next(), all.next()];
  ws.says([said("three"), said("four")]);
  expect((await Promise.all(both)).map(({ value }) => value)).toEqual([
    said("three"),
    said("four"),
  ]);
});

test("a channel's alone, over a break, until the signal", async () => {
  const made = await opened();
  const abort = new AbortController();
  const heard: unknown[] = [];
  const loop = (async () => {
    for await (const message of messages(made.socket, {
      channel: "room:1",
      signal: abort.signal,
    })) {
      heard.push(message);
    }
  })();
  made.ws.says([said("here", "room:1"), said("there", "room:2")]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome();
  made.ws.says(said("again", "room:1"));
  await pass(0);
  abort.abort();
  await loop;
  made.ws.says(said("late", "room:1"));
  expect(heard).toEqual([said("here", "room:1"), said("again", "room:1")]);
});

test("what waits is bounded: then it gives what it has, and says why it ends", async () => {
  const { socket, ws } = await opened();
  const all = messages(socket, { max: 2 });
  ws.says([said("one"), said("two"), said("three")]);
  expect((await all.next()).value).toEqual(said("one"));
  expect((await all.next()).value).toEqual(said("two"));
  await expect(all.next()).rejects.toMatchObject({ code: "too-many", data: { limit: 2 } });
  expect(await all.next()).toEqual({ done: true, value: undefined });
});

test("it ends with the socket, and with the loop", async () => {
  const { socket, ws } = await opened();
  const [all, left] = [messages(socket), messages(socket)];
  ws.says(said("one"));
  for await (const message of left) {
    expect(message).toEqual(said("one"));
    break;
  }
  expect((await left.next()).done).toBe(true);
  socket.disconnect();
  expect((await all.next()).value).toEqual(said("one"));
  expect((await all.next()).done).toBe(true);
  expect((await messages(socket).next()).done).toBe(true);
});
