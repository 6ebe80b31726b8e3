// Every kind of mistake that must not compile. A line that starts to compile is an error of its own.

import { history, stream } from "../../dist/socket.js";
import { channelName } from "../../dist/socket.names.js";
import { Socket } from "../fixtures/chat/chat.ts";
import { Socket as Kept } from "../fixtures/kept/kept.ts";

const socket = new Socket({ url: "/socket" });

// @ts-expect-error a typo in the command
socket.send({ cmd: "chatt", param: { text: "hi" } });
// @ts-expect-error a parameter left out
socket.send({ cmd: "chat", param: {} });
// @ts-expect-error all parameters left out
socket.send({ cmd: "chat" });
// @ts-expect-error a parameter too many
socket.send({ cmd: "chat", param: { text: "hi", loud: true } });
// @ts-expect-error a parameter of the wrong type
socket.send({ cmd: "chat", param: { text: 1 } });
// @ts-expect-error a parameter where there is none
socket.send({ cmd: "ping", param: { text: "hi" } });
// @ts-expect-error a field of the message that is none
socket.send({ cmd: "ping", chanel: "lobby" });
// @ts-expect-error an unknown channel
socket.send({ channel: "hall", cmd: "chat", param: { text: "hi" } });
// @ts-expect-error a command that the channel does not take
socket.send({ channel: "lobby", cmd: "join-room", param: { room: "a" } });
// @ts-expect-error another command's parameters
socket.send({ cmd: "join-room", param: { text: "a" } });

// @ts-expect-error a typo in the command
socket.call({ cmd: "join_room", param: { room: "a" } });
// @ts-expect-error a parameter of the wrong type
socket.call({ cmd: "join-room", param: { room: 1 } });
// @ts-expect-error an option that is none
socket.call({ cmd: "ping" }, { timeot: 1 });
// @ts-expect-error the reply has no such field
socket.call({ cmd: "join-room", param: { room: "a" } }).then((joined) => joined.count);
// @ts-expect-error the reply is read-only
socket.call({ cmd: "join-room", param: { room: "a" } }).then((joined) => joined.members++);

// @ts-expect-error an unknown event
socket.on("chatted", () => {});
// @ts-expect-error a field that the event has not
socket.on("chat", (param) => param.name);

// @ts-expect-error an unknown channel
socket.channel("hall");
// @ts-expect-error a command that the channel does not take
socket.channel("lobby").send("ping");
// @ts-expect-error an event that the channel does not carry
socket.channel("lobby").on("user-joined", () => {});
// @ts-expect-error parameters left out
socket.channel("room:1").send("chat");
// @ts-expect-error a parameter of the wrong type
socket.channel("room:1").call("chat", { text: 1 });
// @ts-expect-error the url is missing
new Socket({});
// @ts-expect-error an option that is none
new Socket({ url: "/", onMesage: () => {} });
// @ts-expect-error the wrong order
new Socket("/", true);

// @ts-expect-error a pattern of which the protocol has none
socket.channel(channelName("rom:{room}", { room: "1" }));
// @ts-expect-error a parameter left out
channelName("room:{room}", {});
// @ts-expect-error a parameter of another name
channelName("room:{room}", { rom: "1" });
// @ts-expect-error a parameter that prints as nothing of use
channelName("room:{room}", { room: {} });

// @ts-expect-error a protocol with history asks what is done about gaps
new Kept({ url: "/socket" });
const keeper = new Kept({ url: "/socket", onGap: () => {} });
// @ts-expect-error a command that does not stream
stream(keeper, { cmd: "post", param: { text: "" } });
// @ts-expect-error a parameter of the wrong type
stream(keeper, { cmd: "count", param: { to: "3" } });
// @ts-expect-error a channel that keeps none
history(keeper.channel("lobby"));
