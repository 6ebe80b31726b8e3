// Where a client is in each channel's history, and what it says of what it missed.

import { expect, test, vi } from "vitest";
import { history } from "../dist/socket.js";
import { complete, fresh, keeper, kept, posted } from "./kept.ts";
import { client, opened, pass, settle } from "./server.ts";

test("`:connect` says where each channel was left, from the first answer on", async () => {
  const made = await kept({ "room:1": fresh(7) });
  expect(made.ws.connect["channels"]).toEqual({ ":user": {} });
  made.ws.says([posted(8), posted(9)]);
  made.ws.says({ cmd: "posted", channel: ":user", param: { user: "", text: "", time: 1 }, at: 1 });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect).toMatchObject({
    session: "s1",
    channels: {
      ":user": { since: { epoch: "u", at: 1 } },
      "room:1": { since: { epoch: "e", at: 9 } },
    },
  });
});

test("what comes twice is dropped, and what follows a recovery goes on in order", async () => {
  const made = await kept({ "room:1": fresh(0) });
  made.ws.says([posted(1), posted(2), posted(2), posted(1)]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ session: "s2", channels: { "room:1": complete(4) } });
  made.ws.says([posted(2), posted(3), posted(4), posted(5)]);
  expect(made.texts).toEqual(["1", "2", "3", "4", "5"]);
  expect(made.gaps).toEqual([]);
});

test("a break in the middle of a replay goes on from there", async () => {
  const made = await kept({ "room:1": fresh(0) });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ channels: { "room:1": complete(9) } });
  made.ws.says([posted(1), posted(2)]);
  made.ws.ends(1006);
  await pass(2_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toMatchObject({ "room:1": { since: { at: 2 } } });
});

test("contiguity is `prev`, not counting", async () => {
  const made = await kept({ "room:1": fresh(3) });
  made.ws.says([posted(9, "room:1", { prev: 3 }), posted(12, "room:1", { prev: 9 })]);
  expect(made.gaps).toEqual([]);
  made.ws.says(posted(20, "room:1", { prev: 15 }));
  expect(made.gaps).toEqual([{ channel: "room:1", reason: "gap" }]);
  made.ws.says([posted(21), posted(25)]);
  expect(made.gaps).toHaveLength(2);
  expect(made.texts).toEqual(["9", "12", "20", "21", "25"]);
});

test("a verdict of `gap` is told once, and the next event is no second one", async () => {
  const made = await kept({ "room:1": fresh(3) });
  const room = made.socket.channel("room:1");
  const heard = vi.fn();
  const off = room.onGap(heard);
  made.ws.ends(1006);
  await pass(1_000);
  const gap = { recovery: "gap", epoch: "other", at: 50 };
  made.ws.welcome({ channels: { "room:1": gap } });
  made.ws.says(posted(51));
  expect(heard.mock.calls).toEqual([[{ channel: "room:1", reason: "gap" }]]);
  expect(made.gaps).toHaveLength(1);
  off();
  made.ws.ends(1006);
  await pass(2_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toMatchObject({
    "room:1": { since: { epoch: "other", at: 51 } },
  });
  expect(heard).toHaveBeenCalledOnce();
});

test("`:gap` while connected moves on, and is told", async () => {
  const made = await kept({ "room:1": fresh(3) });
  made.ws.says({ cmd: ":gap", channel: "room:1", param: { epoch: "e", at: 10 } });
  made.ws.says([posted(10), posted(11)]);
  expect(made.gaps).toEqual([{ channel: "room:1", reason: "gap" }]);
  expect(made.texts).toEqual(["11"]);
});

test("a channel without history misses something with every break, and the first join nothing", async () => {
  const made = await kept({ lobby: { recovery: "none" } });
  expect(made.gaps).toEqual([]);
  for (const wait of [1_000, 2_000]) {
    made.gaps.length = 0;
    made.ws.ends(1006);
    await pass(wait);
    made.ws.welcome({ session: "s", resumed: true, channels: { lobby: { recovery: "none" } } });
    expect(made.gaps).toEqual([{ channel: "lobby", reason: "no-history" }]);
  }
  made.ws.says([posted(undefined, "lobby"), posted(undefined, "lobby")]);
  expect(made.texts).toHaveLength(2);
});

test("a join made while there is no connection misses nothing", async () => {
  const made = keeper();
  made.socket.channel("lobby").join();
  made.socket.channel("room:1").join();
  await settle();
  made.ws.welcome({ channels: { lobby: { recovery: "none" }, "room:1": fresh(5) } });
  expect(made.gaps).toEqual([]);
});

test("leaving forgets where it was, disconnecting does not", async () => {
  const made = await kept({});
  const room = made.socket.channel("room:1");
  room.join();
  made.ws.says({ re: 2, param: fresh(4) });
  made.socket.disconnect();
  made.socket.connect();
  await settle();
  made.ws.open();
  expect(made.ws.connect["channels"]).toMatchObject({ "room:1": { since: { at: 4 } } });
  made.ws.says({ re: 1, param: { connection: "c2", channels: { "room:1": complete(4) } } });
  room.leave();
  await settle();
  room.join();
  expect(made.ws.commands.map(({ cmd, param }) => [cmd, param])).toEqual(
    [
      [":join", undefined],
      [":leave", undefined],
      [":join", undefined],
    ].slice(1),
  );
});

test("a join of the server's counts from there", async () => {
  const made = await kept();
  made.ws.says([{ cmd: ":joined", channel: "room:9", param: fresh(2) }, posted(3, "room:9")]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(made.ws.connect["channels"]).toMatchObject({ "room:9": { since: { epoch: "e", at: 3 } } });
});

test("a gap that nobody listens to is an error, and a channel without history is none", async () => {
  const made = await opened({}, { channels: { lobby: { recovery: "none" }, "room:1": fresh(1) } });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ channels: { lobby: { recovery: "none" }, "room:1": { recovery: "gap" } } });
  expect(made.errors.filter(({ source }) => source === "channel")).toMatchObject([
    { message: "room:1: gap" },
  ]);
});

test("the state says open before a gap is told, and a handler that disconnects ends it", async () => {
  const seen: string[] = [];
  const made = keeper({
    onGap: ({ channel }) => {
      seen.push(`${made.socket.state.status} ${channel}`);
      made.socket.disconnect();
    },
  });
  made.socket.channel("lobby").join();
  made.socket.channel("room:1").join();
  await settle();
  made.ws.welcome({ channels: { lobby: { recovery: "none" }, "room:1": fresh(1) } });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ channels: { lobby: { recovery: "none" }, "room:1": { recovery: "gap" } } });
  expect(seen).toEqual(["open lobby"]);
  made.ws.says(posted(2));
  expect(made.messages).toEqual([]);
});

test.each(["8", null, -1, 1.5e300])("an event at %j breaks nothing", async (at) => {
  const made = await kept({ "room:1": fresh(3) });
  made.ws.says({ ...posted(undefined), at });
  made.ws.says(posted(4));
  expect(made.socket.state.status).toBe("open");
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  const { since } = (made.ws.connect["channels"] as { "room:1": { since: { at: unknown } } })[
    "room:1"
  ];
  expect(typeof since.at).toBe("number");
});

test("history is asked for page by page, and again after a break", async () => {
  const made = await kept({ "room:1": fresh(9) });
  const page = history(made.socket.channel("room:1"), { limit: 2, before: 8 });
  await settle();
  const asked = { cmd: ":history", channel: "room:1", param: { limit: 2, before: 8 } };
  expect(made.ws.commands).toMatchObject([{ ...asked, id: 2 }]);
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome({ channels: { "room:1": complete(9) } });
  expect(made.ws.commands).toMatchObject([{ ...asked, id: 2 }]);
  const param = { epoch: "e", at: 9, events: [posted(6), posted(7)] };
  made.ws.says({ re: 2, param });
  expect(await page).toEqual(param);
});

test("a join asked for during the handshake goes ahead of what was sent after it", async () => {
  const made = client();
  await settle();
  made.ws.open();
  made.socket.channel("lobby").join();
  made.socket.send({ cmd: "chat", channel: "lobby", param: { text: "hi" } });
  made.ws.says({ re: 1, param: { connection: "c1" } });
  expect(made.ws.commands.map(({ cmd }) => cmd)).toEqual([":join", "chat"]);
});
