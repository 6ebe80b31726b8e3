// The same over a protocol that keeps history, and so brings `recovery` along.

import { Socket } from "../fixtures/kept/kept.ts";

const socket = new Socket({ url: "/socket", onGap: () => location.reload() });
socket.on("posted", ({ text }) => {
  document.title = text;
});
socket.send({ channel: "lobby", cmd: "post", param: { text: "hi" } });
socket.call({ channel: "lobby", cmd: "post", param: { text: "hi" } });
socket.channel("room:1").join();
