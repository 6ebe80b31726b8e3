// The small program and the hooks. React itself is its users' already.

import { useChannel, useEvent, useSocketState } from "../../dist/socket.react.js";
import { Socket } from "../fixtures/chat/index.ts";

const socket = new Socket({ url: "/socket" });
socket.on("chat", ({ user, text }) => {
  document.title = `${user}: ${text}`;
});
socket.send({ cmd: "chat", param: { text: "hi" } });
socket.call({ cmd: "join-room", param: { room: "a" } });
socket.channel("room:1").join();

export { useChannel, useEvent, useSocketState };
