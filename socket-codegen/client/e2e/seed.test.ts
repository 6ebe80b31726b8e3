// The client of the project that this one descends from, and what that project's page shows of its use, as
// text: `seed/example.txt` and `seed/template.txt` are that page's own.

import { readFileSync } from "node:fs";
import { buildSync } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { Chat, launch } from "./chat.ts";
import { type Message, Socket } from "./seed/socket.ts";

const here = new URL("seed/", import.meta.url).pathname;
const read = (name: string) => readFileSync(`${here}${name}`, "utf8");

let chat: Chat;
let browser: Browser | undefined;
let sockets: Socket[];

beforeEach(async () => {
  // Node has none of its own before 22.
  vi.stubGlobal("WebSocket", WebSocket);
  sockets = [];
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  await browser?.close();
  browser = undefined;
  await chat.kill();
  vi.unstubAllGlobals();
});

/** The example of that project: pings when connected, and reads every field of every message. */
class Example {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly socket: Socket;
  readonly channel: string;
  opened = 0;

  constructor(channel: string, user: string) {
    this.channel = channel;
    this.socket = new Socket(
      false,
      () => {
        this.opened++;
        this.send("ping", {});
      },
      ({ channel, cmd, param }) => {
        const fields = Object.entries(param).filter(([key]) => key === "user" || key === "text");
        this.lines.push([channel.toLowerCase(), cmd, ...fields.map(String)].join(" "));
      },
      (service, error) => this.errors.push(`${service}: ${error}`),
      chat.socketAddress(`ch=${channel}&user=${user}`),
    );
    sockets.push(this.socket);
  }

  send(cmd: string, param: Message["param"], channel: string = this.channel): void {
    this.socket.send({ channel, cmd, param });
  }

  /** It is answered by nothing: what comes from there shows that it is in. */
  async enters(room: string): Promise<void> {
    this.send("join-room", { room });
    this.send("ping", {}, room);
    await this.sees(`${room} pong`);
  }

  async sees(line: string): Promise<void> {
    await expect.poll(() => this.lines, { timeout: 20_000 }).toContain(line);
  }
}

test("it talks to the chat", async () => {
  const ann = new Example("my-channel", "ann");
  await ann.sees("my-channel pong");
  const ben = new Example("my-channel", "ben");
  await ann.sees("my-channel online-update");
  ben.send("chat", { text: "hi" });
  await ann.sees("my-channel chat user,ben text,hi");
  await ben.sees("my-channel chat user,ben text,hi");

  await ann.enters("attic");
  ben.send("join-room", { room: "attic" });
  ben.send("chat", { text: "upstairs" }, "attic");
  await ann.sees("attic chat user,ben text,upstairs");

  // What it never checks: the answer to nonsense is a message with the same three fields.
  ann.send("dance", {});
  await ann.sees(" :error");
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("it comes back by itself, and what it kept meanwhile arrives", async () => {
  const ann = new Example("my-channel", "ann");
  await ann.sees("my-channel pong");
  await chat.kill();
  await expect.poll(() => ann.errors.length + ann.opened).toBeGreaterThan(0);
  await chat.start();
  await expect.poll(() => ann.opened, { timeout: 20_000 }).toBe(2);
  ann.send("chat", { text: "back" });
  await ann.sees("my-channel chat user,ann text,back");
});

/** A page that a test made up counts as one of the internet, which asks before it talks to this machine. */
const LOCAL = "--disable-features=LocalNetworkAccessChecks";

/** Two clients under the name that the page gives to its own. */
const CLIENTS = {
  "the Go module's client": "./socket.ts",
  "the generated client": "../../../../generated-ts/chat/index.ts",
};

/** A script as a page loads it, with one of the clients behind `./socket`. */
function bundled(contents: string, client: string): string {
  const { outputFiles } = buildSync({
    stdin: {
      contents: contents.replace('"./socket"', `"${client}"`),
      resolveDir: here,
      loader: "ts",
    },
    bundle: true,
    format: "iife",
    globalName: "YourProjectName",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** What the page's class calls and leaves to its reader. */
const REST = `
const show = (text: string) => {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("messages")?.append(line);
};
Object.assign(ExampleClient.prototype, {
  displayChatMessage: ({ user, text }) => show(user + ": " + text),
  showUserJoined: ({ user }) => show(user + " joined"),
});
Object.assign(globalThis, { ExampleClient });
`;

/** A page of the chat's own address that holds this and nothing else. */
async function shown(page: Page, html: string): Promise<string[]> {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  const address = chat.address("/seed");
  const body = `<!doctype html><html lang="en"><title>Seed</title><body>${html}</body></html>`;
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.goto(address);
  return complaints;
}

test.each(Object.entries(CLIENTS))(
  "its example runs as it stands there, with %s",
  async (_, client) => {
    browser = await launch(LOCAL);
    const ben = new Example("my-channel", "ben");
    await ben.sees("my-channel pong");
    const page = await browser.newPage();
    const logged: string[] = [];
    page.on("console", (message) => logged.push(message.text()));
    const [markup] = read("template.txt").split("<script>");
    const script = bundled(read("example.txt") + REST, client);
    const complaints = await shown(page, `${markup}<script>${script}</script>`);
    await expect.poll(() => logged).toContain("Connected to WebSocket");
    await expect.poll(() => logged.some((line) => line.startsWith("Received pong:"))).toBe(true);
    await page.fill("#chat-input", "hello there");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("#messages").getByText(": hello there").waitFor();
    await expect.poll(() => ben.lines.join()).toContain("text,hello there");
    ben.send("chat", { text: "welcome" });
    await page.locator("#messages").getByText("ben: welcome").waitFor();

    await ben.enters("attic");
    await page.evaluate("new ExampleClient('my-channel').joinRoom('attic')");
    await ben.sees("attic online-update");
    ben.send("chat", { text: "upstairs" }, "attic");
    await page.locator("#messages").getByText("ben: upstairs").waitFor();
    expect(complaints).toEqual([]);
  },
);

test.each(Object.entries(CLIENTS))("its page without modules runs, with %s", async (_, client) => {
  browser = await launch(LOCAL);
  const page = await browser.newPage();
  const script = bundled('export { Socket } from "./socket";', client);
  // The page sends to `example`, which is a channel that one says to be in.
  const template = read("template.txt").replace(
    '"/example/socket"',
    '"/example/socket?ch=example"',
  );
  const complaints = await shown(page, `<script>${script}</script>${template}`);
  await page.evaluate("sendMessage('ping', {})");
  await page
    .locator("#messages")
    .getByText(/^pong: /)
    .waitFor();
  await page.evaluate("sendMessage('chat', { text: 'hi' })");
  await page.locator("#messages").getByText('"text":"hi"').waitFor();
  // Nothing is lost in silence: what the server does not do, it says.
  await page.evaluate("sock.send({ channel: 'elsewhere', cmd: 'ping', param: {} })");
  if (client.startsWith("./")) await page.locator("#messages").getByText("not-joined").waitFor();
  expect(complaints).toEqual([]);
});
