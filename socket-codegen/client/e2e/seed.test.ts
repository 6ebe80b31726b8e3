// The client of the project that this one descends from, as it was written there: no subprotocol, a
// pretty-printed `{channel, cmd, param}`, no look at close codes, and reconnects of its own.

import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Chat } from "./chat.ts";

interface SeedMessage {
  readonly channel: string;
  readonly cmd: string;
  readonly param: { readonly [name: string]: unknown };
}

class SeedSocket {
  readonly #onOpen: () => void;
  readonly #onMessage: (message: SeedMessage) => void;
  readonly #onError: (service: string, error: string) => void;
  readonly #url: string;
  #pending: SeedMessage[] = [];
  #connected = false;
  #left = false;
  #pauseSeconds = 1;
  #connectTime = 0;
  #socket: WebSocket | undefined;

  constructor(
    onOpen: () => void,
    onMessage: (message: SeedMessage) => void,
    onError: (service: string, error: string) => void,
    url: string,
  ) {
    this.#onOpen = onOpen;
    this.#onMessage = onMessage;
    this.#onError = onError;
    this.#url = url;
    this.#connect();
  }

  #connect(): void {
    this.#connectTime = Date.now();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#connected = true;
      for (const message of this.#pending) this.send(message);
      this.#pending = [];
      this.#onOpen();
    };
    socket.onmessage = ({ data }) => {
      const message: SeedMessage = JSON.parse(String(data));
      if (message.cmd === "close-connection") this.disconnect();
      else this.#onMessage(message);
    };
    socket.onerror = ({ type }) => this.#onError("socket", type);
    socket.onclose = () => {
      this.#connected = false;
      if (this.#left) return;
      if (Date.now() - this.#connectTime < 2_000) {
        this.#pauseSeconds *= 2;
        setTimeout(() => this.#left || this.#connect(), this.#pauseSeconds * 1_000);
      } else {
        this.#connect();
      }
    };
  }

  send(message: SeedMessage): void {
    if (this.#connected) this.#socket?.send(JSON.stringify(message, null, 2));
    else this.#pending.push(message);
  }

  disconnect(): void {
    this.#left = true;
    this.#socket?.close();
  }
}

let chat: Chat;
let sockets: SeedSocket[];

beforeEach(async () => {
  sockets = [];
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  await chat.kill();
});

/** The example of that project: pings when connected, and reads every field of every message. */
class Example {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly socket: SeedSocket;
  readonly channel: string;
  opened = 0;

  constructor(channel: string, user: string) {
    this.channel = channel;
    this.socket = new SeedSocket(
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

  send(cmd: string, param: SeedMessage["param"], channel: string = this.channel): void {
    this.socket.send({ channel, cmd, param });
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

  ann.send("join-room", { room: "attic" });
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
