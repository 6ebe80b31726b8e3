import { Socket } from "./generated/index.js";

// One connection for all tabs, in a SharedWorker. Freezing and the page cache do not reach it.
const socket = new Socket({ url: "/socket" });
Object.assign(globalThis, {
  onconnect: ({ ports: [port] }: MessageEvent) => {
    if (!port) return;
    const off = socket.on("chat", (param) => port.postMessage(param));
    port.onmessage = ({ data }: MessageEvent<string | null>) => {
      // The page says goodbye with `null`: a port does not tell when it is closed.
      if (data === null) off();
      else socket.send({ channel: "lobby", cmd: "chat", param: { text: data } });
    };
  },
});
