// What a client has to get right, whatever engine it runs in. Nothing here knows which one that is.

import { type Protocol, Socket } from "../../../../generated-ts/conformance/index.js";
import {
  history,
  messages,
  type Options,
  presence,
  stream,
  type WebSocketClass,
} from "../../../../generated-ts/conformance/socket.js";
import { channelName } from "../../../../generated-ts/conformance/socket.names.js";

/** What the checks ask of the world around them. */
export interface Bench {
  /** The server's address. */
  readonly url: string;
  /** For engines without a WebSocket of their own. */
  readonly WebSocket?: WebSocketClass;
  /**
   * Kills the server or starts it again; breaks what is connected; cuts the network without a word, or
   * mends it.
   */
  readonly order: (what: "kill" | "start" | "break" | "cut" | "mend") => Promise<void>;
}

type Status = Socket["state"]["status"];

/** One check's own sockets, ended with it. */
export class Desk {
  readonly bench: Bench;
  readonly #sockets: Socket[] = [];

  constructor(bench: Bench) {
    this.bench = bench;
  }

  socket(options: Partial<Options<Protocol>> = {}): Socket {
    const { url, WebSocket } = this.bench;
    const given = WebSocket ? { WebSocket } : {};
    const socket = new Socket({ url, onError: () => {}, onGap: () => {}, ...given, ...options });
    this.#sockets.push(socket);
    return socket;
  }

  async open(options: Partial<Options<Protocol>> = {}): Promise<Socket> {
    const socket = this.socket(options);
    await is(socket, "open");
    return socket;
  }

  close(): void {
    for (const socket of this.#sockets) socket.disconnect();
  }
}

/** Waits for a state. */
function is(socket: Socket, status: Status): Promise<void> {
  return new Promise((resolve) => {
    const off = socket.subscribe((state) => {
      if (state.status !== status) return;
      // The first call comes before `off` is there.
      queueMicrotask(() => off());
      resolve();
    });
  });
}

function same(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`found ${one} instead of ${other}`);
}

/** The code that a promise rejects with. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const failed = await promise.then(
    (value) => ({ code: `no error but ${JSON.stringify(value)}` }),
    (error: { code: unknown }) => error,
  );
  return failed.code;
}

/** The next that is said in a channel. */
function said(room: {
  on: (event: "said", handler: (param: { text: string }) => void) => () => void;
}) {
  return new Promise<string>((resolve) => {
    const off = room.on("said", ({ text }) => {
      off();
      resolve(text);
    });
  });
}

const HOSTILE = "tea & cake: 100% \u{1F389}\n{room}";

export const CHECKS: { readonly [name: string]: (desk: Desk) => Promise<void> } = {
  async "connects as nobody, and as who the token says"(desk) {
    const nobody = await desk.open();
    same(nobody.state.status === "open" && nobody.state.user, null);
    const ann = await desk.open({ token: async () => "good" });
    same(ann.state.status === "open" && ann.state.user, { id: "u1", name: "ann" });
  },

  async "a refused token is asked for again once, and then it is over"(desk) {
    const asked: boolean[] = [];
    const token = ({ expired }: { expired: boolean }) => {
      asked.push(expired);
      return "bad";
    };
    const socket = desk.socket({ token });
    await is(socket, "closed");
    same(socket.state.status === "closed" && socket.state.cause.kind, "unauthorized");
    same(asked, [false, true]);
    await desk.open({ token: ({ expired }) => (expired ? "good" : "bad") });
  },

  async "a call is answered, whatever the text"(desk) {
    const socket = await desk.open();
    for (const text of ["", HOSTILE, "\u2028\u0000\uFEFF", "東".repeat(10_000)]) {
      same(await socket.call({ cmd: "echo", param: { text } }), { text });
    }
  },

  async "what is sent before there is a connection goes out in order"(desk) {
    const other = await desk.open();
    const heard = messages(other, { max: 100 });
    const socket = desk.socket();
    for (const number of [1, 2, 3]) {
      const result = socket.send({ channel: "lobby", cmd: "say", param: { text: `${number}` } });
      same(result, "queued");
    }
    for (const number of [1, 2, 3]) same((await heard.next()).value?.param.text, `${number}`);
  },

  async "errors come as the definition types them"(desk) {
    const socket = await desk.open();
    const full = await socket.tryCall({ cmd: "enter", param: { room: "full" } });
    if (full.ok || full.error.code !== "room-full") throw new Error("it should be full");
    const max: number = full.error.data.max;
    same(max, 3);
    same(full.error.message, "the room holds 3 people");
    const empty = { channel: "lobby", cmd: "say", param: { text: "" } } as const;
    same(await refusal(socket.call(empty)), "invalid-param");
    same(await refusal(socket.call({ cmd: "fail" })), "internal");
    same(await refusal(socket.channel("room:1").call("say", { text: "?" })), "not-joined");
    same(await refusal(socket.channel("secret:1").join()), "forbidden");
  },

  async "calls end by their time, and by their signal"(desk) {
    const socket = await desk.open();
    const sleep = { cmd: "sleep", param: { ms: 60_000 } } as const;
    same(await refusal(socket.call(sleep, { timeout: 100 })), "timeout");
    const abort = new AbortController();
    const call = refusal(socket.call(sleep, { signal: abort.signal }));
    abort.abort();
    same(await call, "aborted");
    same(await socket.call({ cmd: "sleep", param: { ms: 1 } }), {});
  },

  async "members hear each other, and no more once they left"(desk) {
    const [one, other] = [await desk.open(), await desk.open()];
    const [mine, yours] = [one.channel("room:1"), other.channel("room:1")];
    await Promise.all([mine.join(), yours.join()]);
    same((await presence(mine)).count, 2);
    const first = said(yours);
    same(mine.send("say", { text: "hi" }), "sent");
    same(await first, "hi");
    const left = new Promise((resolve) =>
      mine.on("online-update", ({ connected }) => connected || resolve(undefined)),
    );
    yours.leave();
    await left;
    let heard = 0;
    yours.on("said", () => heard++);
    await mine.call("say", { text: "anybody?" });
    await other.call({ cmd: "echo", param: { text: "" } });
    same(heard, 0);
  },

  async "a channel that the server joins is heard too"(desk) {
    const [one, other] = [await desk.open(), await desk.open()];
    const { channel } = await one.call({ cmd: "enter", param: { room: HOSTILE } });
    // What the server made of the text is what the client makes of it.
    same(channel, channelName("room:{room}", { room: HOSTILE }));
    const room = other.channel(channelName("room:{room}", { room: HOSTILE }));
    await room.join();
    const heard = said(one);
    room.send("say", { text: "found you" });
    same(await heard, "found you");
  },

  async "history is read page by page"(desk) {
    const [one, other] = [await desk.open(), await desk.open()];
    const mine = one.channel("log:pages");
    await mine.join();
    for (const number of [1, 2, 3, 4, 5]) await mine.call("say", { text: `${number}` });
    // Who was not there sees it too.
    const yours = other.channel("log:pages");
    same((await yours.join()).recovery, "fresh");
    const pages: string[][] = [];
    for (let before: number | undefined; ; ) {
      const { events } = await history(yours, { limit: 2, ...(before && { before }) });
      pages.push(events.map((event) => (event.cmd === "said" ? event.param.text : event.cmd)));
      before = events[0]?.at;
      if (before === undefined) break;
    }
    same(pages, [["4", "5"], ["2", "3"], ["1"], []]);
    same(await refusal(history(one.channel("log:elsewhere"))), "not-joined");
  },

  async "what was said during a break comes once, in order, and without a gap"(desk) {
    const gaps: string[] = [];
    const other = await desk.open({ onGap: ({ reason }) => gaps.push(reason) });
    const [mine, yours] = [(await desk.open()).channel("log:break"), other.channel("log:break")];
    await Promise.all([mine.join(), yours.join()]);
    const heard: string[] = [];
    const all = new Promise((resolve) =>
      yours.on("said", ({ text }) => heard.push(text) === 40 && resolve(undefined)),
    );
    const said = Array.from({ length: 40 }, (_, number) => `${number}`);
    for (const text of said) {
      // Of a call the session says that it ran once; a mere `send` is lost with its connection.
      await mine.call("say", { text });
      if (text === "20") await desk.bench.order("break");
    }
    await all;
    same(heard, said);
    // The lobby keeps nothing, and says so.
    same(new Set(gaps).has("gap"), false);
  },

  async "a stream gives its items, then its reply, and stops when it is left"(desk) {
    const socket = await desk.open();
    const three = stream(socket, { cmd: "count", param: { to: 3 } });
    for (const number of [1, 2, 3]) {
      const { value, done } = await three.next();
      same([value, done], [{ number }, false]);
    }
    const { value, done } = await three.next();
    same([value, done], [{ number: 3 }, true]);
    for await (const { number } of stream(socket, { cmd: "count", param: { to: 2 ** 32 - 1 } })) {
      if (number === 200) break;
    }
    // Commands of one connection run one after another: this one would wait for its end.
    same(await socket.call({ cmd: "echo", param: { text: "next" } }), { text: "next" });
  },

  async "a session goes on after a break: the same id, and the call ran once"(desk) {
    const socket = await desk.open();
    const id = socket.state.status === "open" && socket.state.id;
    const key = `${id}`;
    const call = socket.call({ cmd: "once", param: { key, ms: 500 } });
    const second = socket.call({ cmd: "once", param: { key, ms: 500 } });
    // Its next byte breaks the connection: a ping, or an answer that is lost.
    await desk.bench.order("break");
    await is(socket, "waiting");
    same(await second, { number: 2 });
    same(await call, { number: 1 });
    same(socket.state.status === "open" && socket.state.id, id);
    same(await socket.call({ cmd: "once", param: { key, ms: 0 } }), { number: 3 });
  },

  async "the server is killed and comes back, and so does everything"(desk) {
    const [one, other] = [await desk.open(), await desk.open()];
    const [mine, yours] = [one.channel("room:2"), other.channel("room:2")];
    await Promise.all([mine.join(), yours.join()]);
    const before = one.state;
    await desk.bench.order("kill");
    await Promise.all([is(one, "waiting"), is(other, "waiting")]);
    same(mine.send("say", { text: "anybody here?" }), "queued");
    await desk.bench.order("start");
    await Promise.all([is(one, "open"), is(other, "open")]);
    if (one.state === before) throw new Error("the state is the old one");
    await Promise.all([mine.join(), yours.join()]);
    // What was said meanwhile waited; whether the other one was back to hear it is a matter of luck.
    const heard = new Promise((resolve) =>
      yours.on("said", ({ text }) => text === "there you are" && resolve(text)),
    );
    mine.send("say", { text: "there you are" });
    await heard;
  },

  async "a network that dies in silence is noticed by ping and timeout"(desk) {
    const socket = await desk.open();
    const cut = Date.now();
    await desk.bench.order("cut");
    await is(socket, "waiting");
    const took = Date.now() - cut;
    // 1,000 ms by the server's announcement, and what a busy machine takes.
    if (took > 2_500) throw new Error(`noticed after ${took} ms`);
    await desk.bench.order("mend");
    await is(socket, "open");
    same(await socket.call({ cmd: "echo", param: { text: "back" } }), { text: "back" });
  },

  async "a closed socket stays closed until it is told to connect"(desk) {
    const socket = await desk.open();
    socket.disconnect();
    same(socket.state.status, "closed");
    same(socket.send({ channel: "lobby", cmd: "say", param: { text: "?" } }), "dropped");
    same(await refusal(socket.call({ cmd: "echo", param: { text: "?" } })), "disconnected");
    socket.connect();
    await is(socket, "open");
  },
};
