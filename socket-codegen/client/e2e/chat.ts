// The chat example as a process, and pages in a real browser that talk to it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";

const BINARIES = new URL("../../../target/debug/", import.meta.url).pathname;

/** A running chat, or another example. Killed and started again, it comes back at the same address. */
export class Chat {
  readonly #name: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  #port = 0;

  constructor(name: "chat" | "conformance" = "chat", ...flags: readonly string[]) {
    this.#name = name;
    this.#flags = flags;
  }

  /** Resolves once it says where it listens. */
  async start(): Promise<void> {
    const child = spawn(`${BINARIES}${this.#name}`, ["--port", `${this.#port}`, ...this.#flags], {
      stdio: ["ignore", "pipe", "inherit"],
      // A handler that panics on purpose says so in one line.
      env: { ...process.env, RUST_BACKTRACE: "0" },
    });
    this.#process = child;
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const port = /^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port === undefined) throw new Error(`the first line is ${JSON.stringify(line)}`);
    this.#port = Number(port);
  }

  /** As a crash would: no close frame, no goodbye. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  address(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  socketAddress(query: string): string {
    return `ws://127.0.0.1:${this.#port}/example/socket?${query}`;
  }
}

export const CHROMIUM: string = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Without these it looks for its maker's servers, and a closed network makes it wait for them. */
export const FLAGS: string[] = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-sync",
];

export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Users have the page cache, so the tests do.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: [...FLAGS, ...more],
  });
}

/** One person in front of the chat's page. */
export class Person {
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("dialog", (dialog) => this.errors.push(`a dialog: ${dialog.message()}`));
  }

  static async open(browser: Browser, address: string, state = "Connected"): Promise<Person> {
    const context = await browser.newContext();
    const person = new Person(await context.newPage());
    await person.page.goto(address);
    await person.sees("#state", state);
    return person;
  }

  /** Waits until that text stands there. */
  async sees(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).getByText(text, { exact: true }).first().waitFor();
  }

  async says(text: string): Promise<void> {
    await this.page.locator("#text").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Enters a room, and waits until the page shows it. */
  async joins(room: string): Promise<void> {
    await this.asksFor(room);
    await this.sees("#title", `# ${room}`);
  }

  async asksFor(room: string): Promise<void> {
    await this.page.locator("#room").fill(room);
    await this.page.keyboard.press("Enter");
  }

  texts(): Promise<string[]> {
    return this.page.locator("#log .text").allTextContents();
  }
}
