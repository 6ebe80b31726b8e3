// The mock server, typed from the other side: what a server may not say does not compile either.

import { MockServer, refuse } from "../../dist/socket.testing.js";
import { Socket } from "../fixtures/chat/chat.ts";
import { Socket as Kept } from "../fixtures/kept/kept.ts";

const server = new MockServer(Socket);
export const socket: Socket = server.socket({ debug: true });

server.on("ping", { timestamp: 1 });
server.on("chat", () => {});
server.on("join-room", async ({ room }, sent) => ({ room: room + sent.param.room, members: 1 }));
server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }));
server.on("join-room", () => refuse({ code: "not-invited", message: "no" }));
server.on("join-room", () => refuse({ code: "too-many", data: { limit: 3 } }));
server.emit("user-joined", { user: "ann" }, { channel: "room:1" });
server.emit("chat", { user: "ann", text: "hi", time: 1 }, { channel: "lobby", from: "c2", at: 7 });
server.emit("presence-update", { connection: "c2", data: {} }, { channel: "lobby" });
export const text: string = server.expectSent("chat", { text: "hi" }).param.text;
for (const sent of server.sent) if (sent.cmd === "join-room") sent.param.room.length;
server.admit("lobby");

const keeping = new MockServer(Kept, { history: ["room:{room}"] });
export const kept: Kept = keeping.socket();
keeping.gap("room:1");
keeping.emit("posted", { user: "ann", text: "hi", time: 1 }, { channel: "room:1", kept: false });
keeping.on("count", { sum: 1 });
keeping.on("count", function* ({ to }) {
  yield { n: to };
  return { sum: to };
});
keeping.on("count", async function* () {
  yield { n: 1 };
  return refuse({ code: "timeout" });
});
keeping.on("ticks", function* () {
  yield {};
});

// @ts-expect-error an unknown command
server.on("pin", {});
// @ts-expect-error a reply of the wrong type
server.on("ping", { timestamp: "1" });
// @ts-expect-error a reply without what the client takes from it
server.on("join-room", ({ room }) => ({ room }));
// @ts-expect-error nothing, where the client waits for something
server.on("join-room", () => {});
// @ts-expect-error a parameter that the command has not
server.on("join-room", ({ name }) => ({ room: name, members: 1 }));
// @ts-expect-error an error that the command has not
server.on("join-room", () => refuse({ code: "room-empty" }));
// @ts-expect-error an error without its data
server.on("join-room", () => refuse({ code: "room-full" }));
// @ts-expect-error an error with other data
server.on("join-room", () => refuse({ code: "room-full", data: { limit: 3 } }));
// @ts-expect-error an error of another command
server.on("ping", () => refuse({ code: "room-full", data: { max: 3 } }));
// @ts-expect-error an error that only clients make
server.on("ping", () => refuse({ code: "aborted" }));
// @ts-expect-error an unknown event
server.emit("chatted", {});
// @ts-expect-error a command is no event
server.emit("join-room", { room: "a" });
// @ts-expect-error an event without a field
server.emit("chat", { user: "ann", text: "hi" });
// @ts-expect-error a channel that does not carry the event
server.emit("user-joined", { user: "ann" }, { channel: "lobby" });
// @ts-expect-error an unknown command
server.expectSent("chatt");
// @ts-expect-error a parameter of the wrong type
server.expectSent("chat", { text: 1 });
// @ts-expect-error not a server's to change
server.sent.push();
// @ts-expect-error an option that is none
new MockServer(Socket, { usr: null });
// @ts-expect-error a channel that is none
server.admit("attic");
// @ts-expect-error a pattern that keeps nothing
new MockServer(Kept, { history: ["lobby"] });
// @ts-expect-error a channel that keeps nothing
keeping.gap("lobby");
// @ts-expect-error an item of another type
keeping.on("count", function* () {
  yield { m: 1 };
  return { sum: 1 };
});
// @ts-expect-error a stream without its reply
keeping.on("count", function* () {
  yield { n: 1 };
});
// @ts-expect-error a command that does not stream
keeping.on("post", function* () {
  yield {};
});
