// Two versions of the chat's client, each as it is generated, against the chat.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Socket } from "../../../generated-ts/chat/index.ts";
import { Chat } from "./chat.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

let chat: Chat;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chat-0.1-"));
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  await chat.kill();
  rmSync(folder, { recursive: true });
});

test("a page of an older version is told what changed, and stays away", async () => {
  const { error, status, stderr } = spawnSync(
    join(ROOT, "target/debug/socket-codegen"),
    ["generate", "--manifest", join(ROOT, "examples/chat/kept/0.1.json"), "--out", folder],
    { encoding: "utf8" },
  );
  // Without the binary: cargo build -p socket-codegen.
  if (error) throw error;
  expect(status, stderr).toBe(0);
  const older = (await import(join(folder, "index.ts"))) as { Socket: typeof Socket };
  const options = { url: chat.socketAddress("ch=lobby"), WebSocket, onGap: () => {} };
  const page = new older.Socket(options);
  await expect.poll(() => page.state.status, { timeout: 30_000 }).toBe("closed");
  const { state } = page;
  if (state.status !== "closed") throw new Error(state.status);
  expect(state.cause.kind).toBe("upgrade-required");
  expect(state.cause.upgrade).toMatchObject({
    name: "chat",
    changes: [
      { rule: "FIELD_RENAMED", path: "chat.param.line", reason: "`line` is now `text`" },
      { path: "events.chat.param.line" },
    ],
  });

  const present = new Socket(options);
  await expect.poll(() => present.state.status, { timeout: 30_000 }).toBe("open");
  present.disconnect();
});
