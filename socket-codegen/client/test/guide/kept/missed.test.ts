import { expect, test, vi } from "vitest";
import { Socket } from "./generated/index.js";
import { history, stream } from "./generated/socket.js";
import { MockServer } from "./generated/socket.testing.js";

test("hears what was said while it was away, and what is lost for good", async () => {
  const server = new MockServer(Socket, { history: ["room:{room}"] });
  const say = (text: string) =>
    server.emit("posted", { user: "ann", text, time: 0 }, { channel: "room:1" });
  const onGap = vi.fn();
  const socket = server.socket({ onGap });
  const room = socket.channel("room:1");
  const heard: string[] = [];
  room.on("posted", ({ text }) => heard.push(text));
  await room.join();

  server.drop();
  say("said while nobody was there");
  socket.connect();
  await server.opened();
  expect(heard).toEqual(["said while nobody was there"]);
  expect((await history(room)).events).toHaveLength(1);

  server.gap("room:1");
  expect(onGap).toHaveBeenCalledWith({ channel: "room:1", reason: "gap" });
});

test("reads a stream, and its reply", async () => {
  const server = new MockServer(Socket);
  server.on("count", function* ({ to }) {
    for (let n = 1; n <= to; n++) yield { n };
    return { sum: (to * (to + 1)) / 2 };
  });
  const counted = stream(server.socket(), { cmd: "count", param: { to: 2 } });
  expect((await counted.next()).value).toEqual({ n: 1 });
  expect((await counted.next()).value).toEqual({ n: 2 });
  expect((await counted.next()).value).toEqual({ sum: 3 });
});
