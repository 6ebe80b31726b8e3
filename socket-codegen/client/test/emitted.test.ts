// The emitted file in its two forms, as users import it.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as typescript from "./fixtures/chat/index.ts";
import * as javascript from "./fixtures/chat-js/index.js";

test("both forms export the same values", () => {
  expect(Object.keys(javascript)).toEqual(Object.keys(typescript));
  expect(javascript.protocol).toEqual(typescript.protocol);
});

test("the declarations are those of the TypeScript form", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const declared = read("./fixtures/chat/chat.ts")
    .replace(/export const protocol: (.*?) = \{.*?\n\};/s, "export declare const protocol: $1;")
    .replace(/export const Socket: (.*?) = .*;/, "export declare const Socket: $1;");
  expect(read("./fixtures/chat-js/chat.d.ts")).toBe(declared);
});

test("importing and constructing touch no page: a server can render", () => {
  expect("window" in globalThis).toBe(false);
  const socket = new javascript.Socket({ url: "/socket", connect: false });
  expect(socket.state).toEqual({ status: "idle" });
});
