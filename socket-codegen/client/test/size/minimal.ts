// What a small program uses: connect, send, call, listen and join.

import { Socket } from "../fixtures/chat/index.ts";

const socket = new Socket({ url: "/socket" });
socket.on("chat", ({ text }) => {
  document.title = text;
});
socket.send({ cmd: "chat", param: { text: "hi" } });
socket.call({ cmd: "ping" });
socket.channel("room:1").join();
