// The guide's project for Vite, as its text stands there: served with hot reloads, and built.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import type { Browser, Page } from "playwright-core";
import { build, createServer, preview } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Socket } from "../../../generated-ts/chat/index.ts";
import { presence } from "../../../generated-ts/chat/socket.ts";
import { Chat, launch } from "./chat.ts";

const here = new URL(".", import.meta.url).pathname;
const guide = join(here, "../test/guide");

const MAIN = `import { createRoot } from "react-dom/client";
import Page from "./page.js";

createRoot(document.querySelector("#root")!).render(<Page />);
`;
const HTML = `<!doctype html><html lang="en"><title>Guide</title>
<div id="root"></div><script type="module" src="/main.tsx"></script></html>
`;

/** A page for each of the guide's workers. What they say is shown, what is typed is said to them. */
const WORKERS = {
  "worker.ts": `const port = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });`,
  "shared.ts": `const { port } = new SharedWorker(new URL("./shared.ts", import.meta.url), { type: "module" });`,
};
const SHOWN = `
const line = document.querySelector("input")!;
line.onchange = () => port.postMessage(line.value);
port.onmessage = ({ data }) => document.querySelector("#root")!.append(data.text, " ");
`;

let browser: Browser;
let chat: Chat;
let root: string;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

/** A file of the guide, with the address that the chat has here. */
function copied(name: string, as: string = name): void {
  const { host } = new URL(chat.address("/"));
  const text = readFileSync(join(guide, name), "utf8")
    .replaceAll('"/socket":', '"/example/socket":')
    .replaceAll('"/socket"', '"/example/socket?ch=lobby"')
    .replaceAll("127.0.0.1:8080", host);
  writeFileSync(join(root, as), text);
}

beforeEach(async () => {
  chat = new Chat();
  await chat.start();
  // Here, so that what the project imports is found.
  root = mkdtempSync(join(here, ".vite-"));
  mkdirSync(join(root, "generated"));
  for (const name of ["chat.ts", "index.ts", "socket.ts", "socket.names.ts"]) {
    cpSync(join(here, "../../../generated-ts/chat", name), join(root, "generated", name));
  }
  cpSync(join(here, "../dist/socket.react.ts"), join(root, "generated/socket.react.ts"));
  copied("vite.config.ts");
  copied("page.tsx");
  copied("Room.tsx");
  copied("hot.ts", "socket.ts");
  writeFileSync(join(root, "main.tsx"), MAIN);
  writeFileSync(join(root, "index.html"), HTML);
});

afterEach(async () => {
  rmSync(root, { recursive: true });
  await chat.kill();
});

/** Changes a file of the project, as its author does. */
function edit(name: string, from: string, to: string): void {
  const path = join(root, name);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

/** A page, and the connections to the chat that it made. */
async function opened(address: string) {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const sockets: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("websocket", (socket) => {
    if (socket.url().includes("/example/socket")) sockets.push(socket.url());
  });
  await page.goto(address);
  await page.getByRole("status").getByText("open").waitFor();
  return { page, complaints, sockets };
}

async function greets(page: Page): Promise<void> {
  await page.getByRole("button").click();
  await page.getByText(": hi").first().waitFor();
}

test("vite dev: the proxy carries the socket, and one socket outlives hot reloads", async () => {
  const server = await createServer({
    root,
    logLevel: "warn",
    plugins: [react()],
    server: { port: 0 },
  });
  await server.listen();
  try {
    const { page, complaints, sockets } = await opened(String(server.resolvedUrls?.local[0]));
    await greets(page);
    await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }));
    edit("Room.tsx", "Greet", "Say hello");
    await page.getByRole("button", { name: "Say hello" }).waitFor();
    // The socket's own module runs again, and finds the socket of the one before.
    edit("socket.ts", "export const socket", 'document.title = "again";\nexport const socket');
    await expect.poll(() => page.title()).toBe("again");
    await page.getByRole("status").getByText("open").waitFor();
    await greets(page);
    expect(sockets).toHaveLength(1);
    expect(await page.evaluate(() => "isTheSamePage" in globalThis)).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  } finally {
    await server.close();
  }
});

test("vite build: the page works, and holds nothing that it does not import", async () => {
  await build({ root, logLevel: "error", plugins: [react()] });
  const server = await preview({ root, logLevel: "warn", preview: { port: 0 } });
  try {
    const { page, complaints, sockets } = await opened(String(server.resolvedUrls?.local[0]));
    await greets(page);
    expect(sockets).toHaveLength(1);
    expect(complaints).toEqual([]);
    const script = await page.evaluate(async () => {
      const { src } = document.querySelector("script") ?? { src: "" };
      return (await fetch(src)).text();
    });
    expect(script).toContain(":connect");
    for (const unused of [":members", ":history", "too-many"]) expect(script).not.toContain(unused);
    await page.close();
  } finally {
    await server.close();
  }
});

test.each(Object.entries(WORKERS))("vite dev: %s in a real worker", async (name, make) => {
  copied(name);
  writeFileSync(join(root, "main.tsx"), make + SHOWN);
  writeFileSync(join(root, "index.html"), HTML.replace("<div", "<input /><div"));
  const server = await createServer({ root, logLevel: "warn", server: { port: 0 } });
  await server.listen();
  const socket = new Socket({ url: chat.socketAddress("ch=lobby"), WebSocket, onGap: () => {} });
  try {
    const lobby = socket.channel("lobby");
    await lobby.join();
    const context = await browser.newContext();
    const tabs = [await context.newPage(), await context.newPage()];
    for (const tab of tabs) await tab.goto(String(server.resolvedUrls?.local[0]));
    const members = name === "shared.ts" ? 2 : 3;
    await expect.poll(async () => (await presence(lobby)).count).toBe(members);
    lobby.send("chat", { text: "from-outside" });
    for (const tab of tabs) await tab.getByText("from-outside").waitFor();
    await tabs[0]?.fill("input", "from-a-tab");
    await tabs[0]?.keyboard.press("Enter");
    for (const tab of tabs) await tab.getByText("from-a-tab").waitFor();
    await context.close();
  } finally {
    socket.disconnect();
    await server.close();
  }
});
