// The guide's programs for Node, Bun and Deno, as their text stands there, on what `generate` wrote.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Socket } from "../../../generated-ts/chat/index.ts";
import { Chat } from "./chat.ts";
import { bun, deno, isInstalled, there } from "./engines.ts";

const here = new URL(".", import.meta.url).pathname;
const guide = join(here, "../test/guide");

let chat: Chat;
let root: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  chat = new Chat();
  await chat.start();
  // Here, so that the package `ws` is found.
  root = mkdtempSync(join(here, ".engine-"));
});

afterEach(async () => {
  child?.kill("SIGKILL");
  child = undefined;
  rmSync(root, { recursive: true });
  await chat.kill();
});

/** The guide's program, with the address that the chat has here, beside what was generated for it. */
function written(name: string, generated: "chat" | "chat-js", as: string = name): string {
  cpSync(join(here, "../../../generated-ts", generated), join(root, "generated"), {
    recursive: true,
  });
  const address = chat.socketAddress("ch=lobby");
  const text = readFileSync(join(guide, name), "utf8");
  const path = join(root, as);
  writeFileSync(path, text.replace("ws://127.0.0.1:8080/socket", address));
  return path;
}

/** It hears what is said, and says so. */
async function hears(command: string, ...args: string[]): Promise<void> {
  child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], cwd: root });
  const lines: string[] = [];
  if (child.stdout) createInterface(child.stdout).on("line", (line) => lines.push(line));
  const url = chat.socketAddress("ch=lobby&user=ann");
  const ann = new Socket({ url, WebSocket, onGap: () => {} });
  try {
    // Until it is there to hear it.
    await expect
      .poll(
        () => {
          ann.send({ channel: "lobby", cmd: "chat", param: { text: "hi" } });
          return lines;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain("ann: hi");
  } finally {
    ann.disconnect();
  }
}

test("Node, on the JavaScript form, ends once it disconnects", () => {
  const path = written("node.ts", "chat-js", "node.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([status, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^the server's clock says 20/),
    "",
  ]);
});

test.skipIf(!isInstalled).each(["chat", "chat-js"] as const)("Bun, on %s", async (generated) => {
  await hears(there(bun, "Bun"), "run", written("main.ts", generated));
});

test.skipIf(!isInstalled)("Deno, on the JavaScript form, whose types it finds", async () => {
  const path = written("main.ts", "chat-js");
  const checked = (text: string) => {
    writeFileSync(join(root, "checked.ts"), `${readFileSync(path, "utf8")}\n${text}`);
    return spawnSync(there(deno, "Deno"), ["check", "checked.ts"], { encoding: "utf8", cwd: root });
  };
  const said = checked('socket.send({ cmd: "nope" });').stderr;
  expect(said).toContain(`'"nope"' is not assignable to type 'keyof Commands'`);
  await hears(there(deno, "Deno"), "run", "--allow-net", path);
});
