// Long silences: of a server that has nothing to say, and of a network that says nothing of its end.
// They take as long as the server's `ping` and `timeout`, so they wait side by side.

import { afterAll, beforeAll, test } from "vitest";
import { WebSocket } from "ws";
import { Socket } from "../../../generated-ts/chat/index.ts";
import { Chat } from "./chat.ts";
import { Network } from "./network.ts";

const chat = new Chat();
let network: Network;
let port: number;

beforeAll(async () => {
  await chat.start();
  network = new Network(new URL(chat.address("/")));
  port = await network.listen();
});

afterAll(async () => {
  network.close();
  await chat.kill();
});

test.concurrent("a quiet connection is kept alive by the server's pings", async ({ expect }) => {
  const frames: string[] = [];
  class Recorded extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      this.on("message", (data) => frames.push(`<- ${data}`));
    }

    override send(data: string): void {
      frames.push(`-> ${data}`);
      super.send(data);
    }
  }
  const socket = new Socket({
    onGap: () => {},
    url: chat.socketAddress("ch=lobby"),
    WebSocket: Recorded,
  });
  await expect.poll(() => socket.state.status).toBe("open");
  const { state } = socket;
  const answer = () => frames.indexOf('-> {"cmd":":pong"}');
  await expect.poll(answer, { timeout: 40_000 }).toBeGreaterThan(0);
  expect(frames[answer() - 1]).toBe('<- {"cmd":":ping"}');
  await socket.call({ cmd: "ping" });
  expect(socket.state).toBe(state);
  socket.disconnect();
});

test.concurrent("a connection that died in silence is given up after 35 s", async ({ expect }) => {
  const url = `ws://127.0.0.1:${port}/example/socket?ch=lobby`;
  const socket = new Socket({ url, WebSocket, onError: () => {}, onGap: () => {} });
  await expect.poll(() => socket.state.status).toBe("open");
  const since = Date.now();
  network.cut();
  const lost = new Promise((resolve) =>
    socket.subscribe((state) => state.status !== "open" && resolve(state)),
  );
  expect(await lost).toMatchObject({ status: "waiting", cause: { message: "timeout" } });
  expect(Date.now() - since).toBeLessThan(36_000);
  network.mend();
  await expect.poll(() => socket.state.status, { timeout: 5_000 }).toBe("open");
  await socket.call({ cmd: "ping" });
  socket.disconnect();
});
