// Names from patterns: the cases that the Rust side reads too.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SocketError } from "../dist/socket.js";
import { channelName } from "../dist/socket.names.js";
import { opened, pass } from "./server.ts";

interface Case {
  readonly pattern: string;
  readonly params: { readonly [name: string]: string };
  readonly name: string;
}

const file = new URL("../../../protocol/tests/names.json", import.meta.url);
const { valid, invalid }: { valid: Case[]; invalid: Case[] } = JSON.parse(
  readFileSync(file, "utf8"),
);

test.each(valid)("$pattern with $params is $name", ({ pattern, params, name }) => {
  expect(channelName(pattern, params)).toBe(name);
});

test.each(invalid)("$pattern with $params is refused", ({ pattern, params }) => {
  expect(() => channelName(pattern, params)).toThrow(SocketError);
});

test("it says what is wrong", () => {
  expect(() => channelName("room:{room}", { room: "" })).toThrow(
    "the parameter room of room:{room} is empty",
  );
  expect(() => channelName("{*name}", { name: "two words" })).toThrow(
    "not a channel's name: two words",
  );
});

test("its names are those that `channel` and `send` take", async () => {
  const { socket, ws } = await opened();
  const room = socket.channel(channelName("room:{room}", { room: "tea & cake" }));
  room.join().catch(() => {});
  const channel = channelName("room:{room}", { room: 42 });
  socket.send({ channel, cmd: "chat", param: { text: "hi" } });
  await pass(0);
  expect(ws.commands.map((command) => command["channel"])).toEqual([
    "room:tea%20%26%20cake",
    "room:42",
  ]);
});
