// The cases that the Rust server's tests read too: both sides mean the same by a message.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import type { Socket, Upgrade } from "../dist/socket.js";
import { define, type Empty, history, presence, recovery } from "../dist/socket.js";
import { FakeWebSocket, pass, settle, WELCOME } from "./server.ts";

type Frame = { readonly [field: string]: unknown };

interface Case {
  readonly name: string;
  readonly direction: "client-to-server" | "server-to-client";
  readonly valid: readonly Frame[];
}

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const RUST = new URL("../../../protocol/", import.meta.url);
const FOLDER = new URL("tests/wire/", RUST);
const CASES: readonly Case[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")));

/** The protocol of the cases, as far as they show it. */
interface Protocol {
  commands: {
    chat: { channel?: string; param: { text: string }; reply: Empty; error: never };
    ping: { channel?: string; param?: Empty; reply: { timestamp: number }; error: never };
  };
  events: { chat: { user: string; text: string }; silence: Empty };
  channels: {
    "log:{name}": {
      name: string;
      commands: "chat";
      events: "chat" | "silence";
      history: true;
    };
    "{*name}": { name: string; commands: "chat" | "ping"; events: "chat" | "silence" };
  };
  history: true;
}

const CasesSocket = define<Protocol>({
  id: { name: "chat", fingerprint: "f" },
  events: ["chat", "silence"],
  idempotent: ["ping"],
  recovery,
});

interface Made {
  readonly socket: Socket<Protocol>;
  readonly sockets: FakeWebSocket[];
  readonly onMessage: ReturnType<typeof vi.fn>;
  readonly onError: ReturnType<typeof vi.fn>;
  readonly onGap: ReturnType<typeof vi.fn>;
  readonly token: ReturnType<typeof vi.fn>;
}

function made(): Made {
  const sockets: FakeWebSocket[] = [];
  class Recorded extends FakeWebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this);
    }
  }
  const [onMessage, onError, onGap] = [vi.fn(), vi.fn(), vi.fn()];
  const token = vi.fn(() => "t");
  const socket = new CasesSocket({
    url: "wss://example.test/socket",
    WebSocket: Recorded,
    token,
    onMessage,
    onError,
    onGap,
    random: () => 0.5,
  });
  return { socket, sockets, onMessage, onError, onGap, token };
}

function newest({ sockets }: Made): FakeWebSocket {
  const ws = sockets.at(-1);
  if (!ws) throw new Error("no WebSocket was made");
  return ws;
}

async function opened(changes: Frame = {}): Promise<Made> {
  const client = made();
  await settle();
  newest(client).welcome(changes);
  return client;
}

/** A way to ask that is answered by `re: 2`. */
function asked(name: string, socket: Socket<Protocol>): Promise<unknown> {
  const room = socket.channel("room:42");
  if (name.startsWith("join-reply")) return room.join();
  if (name === "history-reply") return history(socket.channel("log:1"));
  return name.startsWith("members-reply") ? presence(room) : socket.call({ cmd: "ping" });
}

async function understandsAnswer(name: string, frame: Frame): Promise<void> {
  const { socket, ...rest } = await opened();
  const others = new Set<unknown>();
  for (let id = 2; id < Number(frame["re"]); id++) socket.call({ cmd: "ping" }).catch(others.add);
  const outcome = asked(name, socket).then(
    (value) => ({ param: value }),
    ({ code, message, data }) => ({ error: { code, message, ...(data && { data }) } }),
  );
  newest({ socket, ...rest }).says(frame);
  expect({ re: frame["re"], ...(await outcome) }).toEqual(frame);
  expect(rest.onError).not.toHaveBeenCalled();
  expect(others.size).toBe(0);
}

/** The answer to the handshake of a client that is too old: it stays away, and knows why. */
async function understandsRefusal(frame: Frame): Promise<void> {
  const client = made();
  await settle();
  newest(client).open();
  newest(client).says(frame);
  newest(client).ends(4526);
  const { message, data: upgrade } = frame["error"] as { message: string; data: Upgrade };
  const { state } = client.socket;
  expect(state).toEqual({
    status: "closed",
    cause: { kind: "upgrade-required", message, closeCode: 4526, upgrade },
  });
  if (state.status === "closed") expect(state.cause.upgrade?.name).toBe("chat");
  await pass(1e6);
  expect(client.sockets).toHaveLength(1);
}

async function understandsWelcome(frame: Frame): Promise<void> {
  const client = made();
  const param = frame["param"] as { connection: string; user: unknown; channels: Frame };
  const joins = Object.keys(param.channels).map((name) => client.socket.channel(name).join());
  const outcomes = Promise.allSettled(joins);
  await settle();
  newest(client).open();
  newest(client).says(frame);
  const { connection: id, user, channels } = param;
  expect(client.socket.state).toEqual({ status: "open", id, user });
  const answers = (await outcomes).map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : { error: outcome.reason },
  );
  expect(answers).toMatchObject(Object.values(channels));
}

/** Events of the protocol's own: what each of them does. */
const MEANINGS: { readonly [cmd: string]: (client: Made, frame: Frame) => void | Promise<void> } = {
  ":ping": (client) => expect(newest(client).sent.at(-1)).toEqual({ cmd: ":pong" }),
  ":pong": (client) => expect(newest(client).sent).toHaveLength(1),
  ":error": ({ onError }, { param }) => {
    const { code, message } = param as { code: string; message: string };
    expect(onError.mock.calls).toMatchObject([["server", message, { code, message }]]);
  },
  ":joined": async (client, { channel, param }) => {
    expect(await client.socket.channel(String(channel)).join()).toEqual(param);
    expect(newest(client).commands).toEqual([]);
  },
  ":closed": ({ onError }, { param }) => {
    const { code, message } = (param as { reason: { code: string; message: string } }).reason;
    expect(onError.mock.calls).toMatchObject([
      ["channel", expect.stringContaining(message), { code }],
    ]);
  },
  ":gap": async (client, { channel, param }) => {
    expect(client.onGap.mock.calls).toEqual([]);
    const log = client.socket.channel("log:1");
    log.join();
    newest(client).says({ cmd: ":joined", channel, param: { epoch: "e", at: 1 } });
    newest(client).says({ cmd: ":gap", channel, param });
    expect(client.onGap.mock.calls).toEqual([[{ channel, reason: "gap" }]]);
    // That is where it goes on from.
    newest(client).ends(1006);
    await pass(1_000);
    newest(client).open();
    expect(newest(client).connect).toMatchObject({ channels: { "log:1": { since: param } } });
  },
  ":large": async (client, { param }) => {
    await pass(35_000 + (param as { within: number }).within - 1);
    expect(client.socket.state.status).toBe("open");
    await pass(1);
    expect(client.socket.state.status).toBe("waiting");
  },
  ":drain": async (client, { param }) => {
    const [min = 0, max = 0] = (param as { after: number[] }).after;
    await pass((max - min) / 2 - 1);
    newest(client).says({ cmd: ":ping" });
    expect(client.sockets).toHaveLength(1);
    await pass(2);
    expect(client.sockets).toHaveLength(2);
  },
  "close-connection": ({ socket }) =>
    expect(socket.state).toMatchObject({ status: "closed", cause: { kind: "asked" } }),
};

async function understandsEvent(frame: Frame): Promise<void> {
  const client = await opened();
  const cmd = String(frame["cmd"]);
  const [heard, closed] = [vi.fn(), vi.fn()];
  client.socket.on(cmd as "chat", heard);
  client.socket.channel("room:42").join().catch(closed);
  if (cmd === ":closed") newest(client).says({ re: 2, param: {} });
  else if (MEANINGS[cmd]) {
    client.socket.channel("room:42").leave();
    newest(client).sent.length = 1;
  }
  if ("at" in frame) {
    // To one who has read as far.
    const at = frame["prev"] ?? Number(frame["at"]) - 1;
    const fresh = { recovery: "fresh", epoch: "k3v9", at };
    newest(client).says({ cmd: ":joined", channel: frame["channel"], param: fresh });
  }
  newest(client).says(frame);
  const meaning = MEANINGS[cmd];
  if (meaning) return meaning(client, frame);
  // What stands in a history comes once.
  if ("at" in frame) newest(client).says(frame);
  expect(client.onGap).not.toHaveBeenCalled();
  expect(heard.mock.calls).toEqual([[frame["param"], frame]]);
  const isOurs = cmd === "chat" || cmd === "silence";
  expect(client.onMessage.mock.calls).toEqual(isOurs ? [[frame]] : []);
  expect(client.onError).not.toHaveBeenCalled();
}

describe("server to client", () => {
  const cases = CASES.filter(({ direction }) => direction === "server-to-client");
  test.each(cases)("$name", async ({ name, valid }) => {
    expect(valid).not.toHaveLength(0);
    for (const frame of valid) {
      if (name.startsWith("connect-reply")) await understandsWelcome(frame);
      else if (name === "upgrade-required") await understandsRefusal(frame);
      else if ("re" in frame) await understandsAnswer(name, frame);
      else await understandsEvent(frame);
    }
  });
});

/** What makes the client send each of the messages that it ever sends. */
const MAKES: { readonly [name: string]: (client: Made) => void | Promise<void> } = {
  async connect(client) {
    client.socket.channel("room:42").join();
    newest(client).ends(1006);
    await pass(1_000);
    newest(client).open();
  },
  command({ socket }) {
    socket.send({ cmd: "ping" });
    socket.send({ cmd: "chat", channel: "lobby", param: { text: "hi" } });
    socket.channel("lobby").send("chat", { text: "hi" });
    socket.call({ cmd: "chat", param: { text: "hi" } }).catch(() => {});
  },
  join({ socket }) {
    socket.channel("room:42").join();
  },
  async leave(client) {
    const room = client.socket.channel("lobby");
    room.join();
    newest(client).says({ re: 2, param: {} });
    newest(client).sent.pop();
    room.leave();
    await settle();
  },
  "history-kept"({ socket }) {
    const log = socket.channel("log:1");
    log.join();
    history(log, { limit: 10 });
    history(log, { limit: 10, before: 812 });
  },
  members({ socket }) {
    presence(socket.channel("lobby"), { limit: 1 });
  },
  cancel(client) {
    const abort = new AbortController();
    client.socket.call({ cmd: "ping" }, { signal: abort.signal }).catch(() => {});
    newest(client).sent.pop();
    abort.abort();
  },
  pong: (client) => newest(client).says({ cmd: ":ping" }),
  async refresh(client) {
    newest(client).says({ cmd: ":refresh", param: {} });
    await settle();
  },
};

/** Arrays, a ping, history, the plain mode, and a position that `:connect` did not say: never sent. */
const NEVER_MADE = [
  "batch",
  "batch-plain",
  "connect-plain",
  "history",
  "join-since",
  "ping",
  "refresh-plain",
];

/** Whether every field has the type that it has in one of the examples. */
function fits(value: unknown, examples: readonly unknown[]): boolean {
  if (typeof value !== "object" || value === null) {
    return examples.some((example) => typeof example === typeof value);
  }
  const objects = examples.filter((example) => typeof example === "object" && example !== null);
  return (
    objects.length > 0 &&
    Object.entries(value).every(([key, field]) =>
      fits(
        field,
        objects.flatMap((object) => (key in object ? [(object as Frame)[key]] : [])),
      ),
    )
  );
}

describe("client to server", () => {
  const cases = CASES.filter(({ direction }) => direction === "client-to-server");

  test.each(cases.filter(({ name }) => !NEVER_MADE.includes(name)))("$name", async (one) => {
    const client = await opened({ session: "s" });
    await MAKES[one.name]?.(client);
    const sent = newest(client).sent.filter(
      ({ cmd }) => one.name === "connect" || cmd !== ":connect",
    );
    expect(sent).not.toHaveLength(0);
    const valid = one.valid.flat() as Frame[];
    const commands = new Set(valid.map(({ cmd }) => cmd));
    // What every command may carry stands in one of the cases.
    const carried = cases
      .filter(({ name }) => name === "command")
      .flatMap(({ valid }) => valid.map(({ param: _, ...rest }) => rest));
    for (const message of sent) {
      expect(Object.keys(message)[0]).toBe("cmd");
      expect(commands).toContain(message["cmd"]);
      expect(message).toSatisfy((value) => fits(value, [...valid, ...carried]));
    }
  });

  test("each is made here or never", () => {
    const known = [...Object.keys(MAKES), ...NEVER_MADE].sort();
    expect(cases.map(({ name }) => name).sort()).toEqual(known);
  });
});

const CODE_RS = readFileSync(new URL("src/code.rs", RUST), "utf8");

test("the error codes are those of the server", () => {
  const errors = readFileSync(new URL("../src/errors.ts", import.meta.url), "utf8");
  const ours = /type BuiltinError =(.*?)\n\n/s.exec(errors)?.[1] ?? "";
  const typed = [...ours.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  const table = [...CODE_RS.matchAll(/^ {4}\w+ = "([a-z-]+)", (?:true|false);$/gm)];
  expect(table).not.toHaveLength(0);
  expect(typed.sort()).toEqual(table.map(([, code]) => code).sort());
});

describe("close codes are those of the server", () => {
  const table = [...CODE_RS.matchAll(/^ {4}(\w+) = (\d+), "(.*)";$/gm)].map(
    ([, name = "", code, reason = ""]) => ({ name, code: Number(code), reason }),
  );
  const KINDS: { readonly [name: string]: string } = { UpgradeRequired: "upgrade-required" };

  test.each(table)("$code $name", async ({ name, code, reason }) => {
    const client = await opened();
    newest(client).ends(code, reason);
    const kind = KINDS[name] ?? (code < 4500 ? "lost" : "refused");
    const status = code < 4500 ? "waiting" : "closed";
    expect(client.socket.state).toMatchObject({ status, cause: { kind, closeCode: code } });
    await pass(1_000);
    const waits = name === "RateLimited";
    expect(client.sockets).toHaveLength(code < 4500 && !waits ? 2 : 1);
    await pass(2_000);
    if (code < 4500)
      expect(client.token.mock.lastCall).toEqual([{ expired: name === "Unauthorized" }]);
  });

  test("every number that the source names is in the table", () => {
    const source = readdirSync(SRC, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("testing"))
      .map((name) => readFileSync(`${SRC}/${name}`, "utf8"))
      .join("");
    const named = new Set([...source.matchAll(/\b(?:1000|4[45]\d\d)\b/g)].map(Number));
    // 4500 is where staying away begins, and a code of its own too.
    for (const code of named) expect(table.map((one) => one.code)).toContain(code);
    expect(named).toContain(4401);
  });
});

test("the welcome that other tests give has what the shared one has", () => {
  const shared = CASES.find(({ name }) => name === "connect-reply")?.valid[0];
  expect(Object.keys(shared?.["param"] as Frame)).toEqual(
    expect.arrayContaining(Object.keys(WELCOME)),
  );
});
