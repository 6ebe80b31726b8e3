import { Socket } from "./generated/index.js";

// A worker's own address is that of its script: a relative `url` is read from there.
const socket = new Socket({ url: "/socket" });
socket.on("chat", (param) => postMessage(param));
addEventListener("message", ({ data }: MessageEvent<string>) => {
  socket.send({ channel: "lobby", cmd: "chat", param: { text: data } });
});
