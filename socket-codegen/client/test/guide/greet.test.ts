import { expect, test } from "vitest";
import { Socket } from "./generated/index.js";
import { MockServer, refuse } from "./generated/socket.testing.js";
import { greet } from "./greet.js";

test("greets who is there", async () => {
  const server = new MockServer(Socket);
  server.on("join-room", ({ room }) => ({ room, members: 3 }));
  expect(await greet(server.socket(), "garden")).toBe("3 are here");
  server.expectSent("chat", { text: "hello" }, { channel: "room:garden" });
});

test("says that the room is full", async () => {
  const server = new MockServer(Socket);
  server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }));
  expect(await greet(server.socket(), "garden")).toBe("only 3 may be in");
});

test("comes back after a break", async () => {
  const server = new MockServer(Socket);
  const socket = server.socket();
  await server.opened();
  server.drop();
  expect(socket.state.status).toBe("waiting");
  socket.connect();
  await server.opened();
  expect(socket.state.status).toBe("open");
});
