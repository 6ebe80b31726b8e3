// The mock server of a protocol that keeps history and streams, and of one whose integers are `bigint`.

import { expect, test } from "vitest";
import { codec, fields, int } from "../dist/socket.bigint.js";
import { define, type Empty, history, presence, stream } from "../dist/socket.js";
import { MockError, type MockOptions, MockServer, refuse } from "../dist/socket.testing.js";
import { type Protocol, Socket } from "./fixtures/kept/kept.ts";
import type { Gap, Options } from "./fixtures/kept/socket.ts";
import { pass } from "./server.ts";

/** A client in a room that keeps what is said there, and all that it heard. */
async function inRoom(
  options: Partial<Options<Protocol>> = {},
  more: Partial<MockOptions<Protocol>> = {},
) {
  const server = new MockServer(Socket, { history: ["room:{room}"], ...more });
  const gaps: Gap[] = [];
  const heard: string[] = [];
  const socket = server.socket({ onGap: (gap) => gaps.push(gap), ...options });
  socket.on("posted", ({ text }) => heard.push(text));
  const room = socket.channel("room:1");
  const joined = await room.join();
  const say = (text: string, at?: number) =>
    server.emit(
      "posted",
      { user: "ann", text, time: 1 },
      { channel: "room:1", ...(at !== undefined && { at }) },
    );
  return { server, socket, room, joined, gaps, heard, say };
}

test("who comes back hears what was said meanwhile, in order, once, and without a gap", async () => {
  const { server, joined, gaps, heard, say } = await inRoom();
  expect(joined).toEqual({ recovery: "fresh", epoch: expect.any(String), at: 0 });
  say("one");
  server.drop();
  // Nobody is there: the room keeps it.
  say("two");
  say("three");
  expect(heard).toEqual(["one"]);
  await pass(50);
  expect(heard).toEqual(["one", "two", "three"]);
  say("four");
  expect(heard).toEqual(["one", "two", "three", "four"]);
  expect(gaps).toEqual([]);
});

test("the history of a room is read page by page, by those who are in it", async () => {
  const { server, socket, room, say } = await inRoom();
  for (const text of ["one", "two", "three"]) say(text);
  server.emit(
    "posted",
    { user: "ann", text: "not kept", time: 1 },
    { channel: "room:1", kept: false },
  );
  const texts: string[][] = [];
  for (let before: number | undefined; ; ) {
    const { at, events } = await history(room, { limit: 2, ...(before && { before }) });
    expect(at).toBe(3);
    texts.push(events.map(({ param }) => param.text));
    before = events[0]?.at;
    if (before === undefined) break;
  }
  expect(texts).toEqual([["two", "three"], ["one"], []]);
  await expect(history(socket.channel("room:2"))).rejects.toMatchObject({ code: "not-joined" });
});

test("a gap is told to who is there, and on coming back to who was away", async () => {
  const { server, gaps, heard, say } = await inRoom();
  say("one");
  server.gap("room:1");
  expect(gaps).toEqual([{ channel: "room:1", reason: "gap" }]);
  say("two");
  server.drop();
  say("missed");
  server.gap("room:1");
  await pass(50);
  expect(gaps).toHaveLength(2);
  say("three");
  expect(heard).toEqual(["one", "two", "three"]);
  // An offset that leaves some out is a gap too.
  say("seven", 7);
  expect(gaps).toHaveLength(3);
  expect(() => new MockServer(Socket).gap("room:1")).toThrow(
    new MockError(
      "gap: room:1 keeps no history; new MockServer(Socket, { history: [its pattern] })",
    ),
  );
});

test("only the patterns that are named keep something", async () => {
  const { server, socket, gaps } = await inRoom({}, { history: [] });
  await expect(history(socket.channel("room:1"))).rejects.toMatchObject({ code: "forbidden" });
  server.drop();
  await pass(50);
  expect(gaps).toContainEqual({ channel: "room:1", reason: "no-history" });
  const strict = new MockServer(Socket, { history: ["room:{room}"] });
  const other = strict.socket();
  expect(await other.channel("lobby").join()).toEqual({ recovery: "none" });
  expect(await other.channel("room:a:b").join()).toEqual({ recovery: "none" });
  expect(await other.channel("room:a%3Ab").join()).toMatchObject({ recovery: "fresh" });
});

test("a stream gives its items and its reply, and ends where the client leaves it", async () => {
  const { server, socket } = await inRoom();
  const log: string[] = [];
  server.on("count", async function* ({ to }) {
    try {
      for (let n = 1; n <= to; n++) yield { n };
      return { sum: (to * (to + 1)) / 2 };
    } finally {
      log.push(`ended ${to}`);
    }
  });
  const counted = stream(socket, { cmd: "count", param: { to: 2 } });
  expect(await counted.next()).toEqual({ done: false, value: { n: 1 } });
  expect(await counted.next()).toEqual({ done: false, value: { n: 2 } });
  expect(await counted.next()).toEqual({ done: true, value: { sum: 3 } });
  for await (const { n } of stream(socket, { cmd: "count", param: { to: 1e9 } }, { max: 5 })) {
    if (n === 3) break;
  }
  await pass(0);
  expect(log).toEqual(["ended 2", "ended 1000000000"]);
});

test("a stream that is refused, that throws, and that is only sent, say so", async () => {
  const errors: string[] = [];
  const { server, socket } = await inRoom({ onError: (_, message) => errors.push(message) });
  server.on("count", function* ({ to }) {
    yield { n: 1 };
    if (to > 5) throw new Error("oops");
    return refuse({ code: "rate-limited", data: { retryAfter: 5 } });
  });
  const refused = stream(socket, { cmd: "count", param: { to: 1 } });
  expect((await refused.next()).value).toEqual({ n: 1 });
  await expect(refused.next()).rejects.toMatchObject({ code: "rate-limited" });
  const thrown = stream(socket, { cmd: "count", param: { to: 6 } });
  await thrown.next();
  await expect(thrown.next()).rejects.toThrow("handler of count threw: Error: oops");
  socket.send({ cmd: "count", param: { to: 1 } });
  await pass(0);
  expect(errors).toEqual(["count streams: it is called with `stream`, not sent"]);
});

test("a break ends a stream on both sides", async () => {
  const { server, socket } = await inRoom();
  let ended = false;
  server.on("ticks", async function* () {
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        yield {};
      }
    } finally {
      ended = true;
    }
  });
  const ticks = stream(socket, { cmd: "ticks" });
  const first = ticks.next();
  await pass(1_000);
  expect(await first).toEqual({ done: false, value: {} });
  const second = ticks.next();
  server.drop();
  const lost = expect(second).rejects.toMatchObject({ code: "disconnected" });
  await pass(1_000);
  await lost;
  expect(ended).toBe(true);
});

test("a call that the client gave up is not answered", async () => {
  const errors: string[] = [];
  const { server, socket } = await inRoom({ onError: (_, message) => errors.push(message) });
  server.on("post", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  });
  const abort = new AbortController();
  const call = socket.call(
    { cmd: "post", channel: "room:1", param: { text: "hi" } },
    { signal: abort.signal },
  );
  await pass(0);
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: "aborted" });
  await pass(1_000);
  expect(errors).toEqual([]);
});

test("a server that joins its clients, and the members of a room, page by page", async () => {
  const { server, socket } = await inRoom({}, { user: { id: "u1", name: "ann" } });
  const other = server.socket();
  await other.channel("room:2").join();
  server.admit("room:2");
  expect(server.channels).toEqual(["room:1", "room:2"]);
  const room = socket.channel("room:2");
  const [first, last] = [await presence(room, { limit: 1 }), await presence(room, { after: "1" })];
  expect(first).toEqual({
    count: 2,
    members: [{ connection: "mock-1", user: { id: "u1", name: "ann" } }],
    next: "1",
  });
  expect(last.members.map(({ connection }) => connection)).toEqual(["mock-2"]);
  expect(last.next).toBeUndefined();
});

test("a refused token is refused at a refresh too", async () => {
  let good = true;
  const errors: string[] = [];
  await inRoom(
    { token: () => (good ? "good" : "bad"), onError: (_, message) => errors.push(message) },
    {
      expires: 30_000,
      connect: ({ token }) => (token === "good" ? null : refuse({ code: "unauthorized" })),
    },
  );
  good = false;
  await pass(24_000);
  expect(errors).toEqual(["no token: SocketError: unauthorized"]);
});

interface Bank {
  commands: {
    pay: {
      channel?: never;
      param: { sum: bigint; to: { name: string }[] };
      reply: bigint;
      error: never;
    };
    watch: { channel?: never; param?: Empty; reply: Empty; item: { sum: bigint }; error: never };
  };
  events: { paid: { readonly sum: bigint } };
  channels: Record<never, never>;
}

const BankSocket = define<Bank>({
  id: { name: "bank", fingerprint: "" },
  events: ["paid"],
  idempotent: [],
  ...codec({
    event: { paid: fields({ sum: int }) },
    reply: { pay: int },
    item: { watch: fields({ sum: int }) },
  }),
});

test("`bigint` goes out exact, and comes in as the text of its digits", async () => {
  const server = new MockServer(BankSocket);
  const socket = server.socket();
  const paid: bigint[] = [];
  socket.on("paid", ({ sum }) => paid.push(sum));
  server.on("pay", ({ sum }) => BigInt(sum) + 1n);
  const huge = 2n ** 64n - 1n;
  expect(await socket.call({ cmd: "pay", param: { sum: huge, to: [{ name: "7" }] } })).toBe(
    huge + 1n,
  );
  const { param } = server.expectSent("pay", { sum: huge, to: [{ name: "7" }] });
  const digits: `${bigint}` = param.sum;
  expect(digits).toBe("18446744073709551615");
  expect(() => server.expectSent("pay", { sum: 5n, to: [] })).toThrow('{"sum":"5","to":[]}');
  server.emit("paid", { sum: -(2n ** 63n) });
  expect(paid).toEqual([-(2n ** 63n)]);
  server.on("watch", function* () {
    yield { sum: huge };
  });
  const watched = stream(socket, { cmd: "watch" });
  expect(await watched.next()).toEqual({ done: false, value: { sum: huge } });
});
