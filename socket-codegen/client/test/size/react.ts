// The small program and the hooks. React itself is its users' already.

import { useChannel, useEvent, useSocketState } from "../../dist/socket.react.js";
import { Socket } from "../fixtures/chat/index.ts";

const socket = new Socket({ url: "/socket" });
socket.on("chat", ({ text }) => {
  document.title = text;
});
socket.send({ cmd: "chat", param: { text: "hi" } });
socket.call({ cmd: "ping" });
socket.channel("room:1").join();

export { useChannel, useEvent, useSocketState };
