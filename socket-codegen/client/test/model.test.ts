// Random schedules of everything that networks and servers do, against a model that keeps count.

import { expect, test } from "vitest";
import { define, type Empty, type Gap, recovery, type SocketError } from "../dist/socket.js";
import { Model } from "./model.ts";
import { pass, settle } from "./server.ts";

interface Keyed {
  key: number;
}

interface Protocol {
  commands: {
    post: { channel?: never; param: Keyed; reply: Keyed; error: never };
    get: { channel?: never; param: Keyed; reply: Keyed; error: never };
    note: { channel?: never; param: Keyed; reply: Empty; error: never };
  };
  events: { posted: { readonly seq: number } };
  channels: {
    room: { name: "room"; commands: "post"; events: "posted"; history: true };
    lobby: { name: "lobby"; commands: "post"; events: "posted" };
    "side:{n}": { name: `side:${number}`; commands: "note"; events: "posted" };
  };
  history: true;
}

const Socket = define<Protocol>({
  id: { name: "model", fingerprint: "f" },
  events: ["posted"],
  idempotent: ["get"],
  recovery,
});

/** What a schedule is made of, and how often it comes. */
const STEPS = {
  post: 6,
  get: 4,
  note: 2,
  publishToRoom: 8,
  publishWithHole: 2,
  publishToLobby: 4,
  wait: 8,
  waitLong: 1,
  cut: 3,
  silence: 1,
  expire: 1,
  restart: 1,
  evict: 1,
  down: 1,
  leave: 1,
  repeat: 2,
  enter: 3,
} as const;
type Step = readonly [kind: keyof typeof STEPS, chance: number];

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function schedule(seed: number, length: number): Step[] {
  const random = numbers(seed);
  const kinds = Object.entries(STEPS).flatMap(([kind, often]) =>
    Array<keyof typeof STEPS>(often).fill(kind as keyof typeof STEPS),
  );
  return Array.from({ length }, () => {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "wait";
    return [kind, random()] as const;
  });
}

interface Outcome {
  readonly kind: "post" | "get";
  readonly key: number;
  end?: "ok" | SocketError;
}

/** Runs a schedule, and gives what is wrong with what came of it. */
async function faults(steps: readonly Step[]): Promise<string[]> {
  const model = new Model();
  const found: string[] = [];
  const outcomes: Outcome[] = [];
  const heard: { channel: string; seq: number }[] = [];
  const gaps: (Gap & { after: number })[] = [];
  const after = (channel: string) =>
    heard.filter((one) => one.channel === channel).at(-1)?.seq ?? 0;
  let isExpired = false;
  let keys = 0;
  const socket = new Socket({
    url: "wss://example.test/",
    WebSocket: model.WebSocket,
    random: numbers(steps.length),
    token: ({ expired }) => {
      if (expired) isExpired = false;
      return isExpired ? "old" : "new";
    },
    onMessage: ({ channel = "", param }) => heard.push({ channel, seq: param.seq }),
    onGap: (gap) => gaps.push({ ...gap, after: after(gap.channel) }),
    onError: (source, message) => {
      if (source !== "connection") found.push(`${source}: ${message}`);
    },
  });
  const room = socket.channel("room");
  room.join().catch(() => {});
  socket
    .channel("lobby")
    .join()
    .catch(() => {});
  const call = (kind: "post" | "get") => {
    const outcome: Outcome = { kind, key: ++keys };
    outcomes.push(outcome);
    socket.call({ cmd: kind, param: { key: outcome.key } }, { timeout: 60_000 }).then(
      ({ key }) => {
        if (key !== outcome.key) found.push(`${key} answered ${outcome.key}`);
        outcome.end = "ok";
      },
      (error: SocketError) => {
        outcome.end = error;
      },
    );
  };
  await pass(100);
  for (const [kind, chance] of steps) {
    if (kind === "post" || kind === "get") call(kind);
    else if (kind === "note") socket.send({ cmd: "note", param: { key: ++keys } });
    else if (kind === "publishToRoom") model.publish("room");
    else if (kind === "publishWithHole") model.publish("room", 3);
    else if (kind === "publishToLobby") model.publish("lobby");
    else if (kind === "wait") await pass(Math.ceil(chance * 60));
    else if (kind === "waitLong") await pass(chance * 40_000);
    else if (kind === "cut") model.link?.cut();
    else if (kind === "silence" && model.link) model.link.isSilent = true;
    else if (kind === "restart") model.restart();
    else if (kind === "evict") model.evict();
    else if (kind === "repeat") model.repeat();
    else if (kind === "enter") {
      // A note goes to a channel that was asked for before it, whatever the connection does.
      const side = socket.channel(`side:${++keys}`);
      side.join().catch(() => {});
      side.send("note", { key: keys });
    } else if (kind === "expire") {
      isExpired = true;
      model.link?.cut(4401);
    } else if (kind === "down") {
      model.isDown = true;
      setTimeout(() => {
        model.isDown = false;
      }, chance * 10_000);
    } else if (kind === "leave") {
      // At once and again: the server need not hear of it.
      room.leave();
      room.join().catch(() => {});
    }
    await settle();
  }
  await pass(200_000);
  model.publish("room");
  model.publish("lobby");
  await pass(1_000);
  if (socket.state.status !== "open") found.push(`ended ${socket.state.status}`);
  found.push(...model.refused);

  const runs = new Map<number, number>();
  for (const key of model.ran) runs.set(key, (runs.get(key) ?? 0) + 1);
  for (const { kind, key, end } of outcomes) {
    const ran = runs.get(key) ?? 0;
    if (!end) found.push(`${kind} ${key} never ended`);
    else if (end === "ok" && ran === 0) found.push(`${kind} ${key} was answered and did not run`);
    else if (end !== "ok" && ran > 0 && !end.sent && end.code === "disconnected")
      found.push(`${kind} ${key} ran, and is said not to have been sent`);
    if (kind === "post" && ran > 1) found.push(`post ${key} ran ${ran} times`);
  }
  const once = model.ran.filter((key) => outcomes.find((one) => one.key === key)?.kind !== "get");
  if (once.some((key, at) => at > 0 && key < (once[at - 1] ?? 0))) found.push(`order: ${once}`);

  for (const channel of ["room", "lobby"]) {
    const mine = heard.filter((one) => one.channel === channel).map(({ seq }) => seq);
    const all = model.published.filter((one) => one.channel === channel).map(({ seq }) => seq);
    const told = gaps.filter((gap) => gap.channel === channel).map((gap) => gap.after);
    for (const [at, seq] of mine.entries()) {
      const last = mine[at - 1] ?? 0;
      if (seq <= last) found.push(`${channel}: ${seq} after ${last}`);
      const isMissing = all.some((one) => one > last && one < seq);
      if (isMissing && !told.includes(last)) found.push(`${channel}: a hole before ${seq}`);
    }
    if (all.length > 0 && mine.at(-1) !== all.at(-1)) found.push(`${channel}: the last is missing`);
    const verdicts = model.links.flatMap(({ verdict }) => verdict[channel] ?? []);
    const expected = verdicts.slice(channel === "lobby" ? 1 : 0);
    if (told.length !== expected.length)
      found.push(`${channel}: ${told.length} gaps told, ${expected.length} there`);
  }
  socket.disconnect();
  return found;
}

/** The shortest schedule that still shows it, for those who must find out why. */
async function shortest(steps: readonly Step[]): Promise<readonly Step[]> {
  for (let at = 0; at < steps.length; at++) {
    const fewer = steps.filter((_, index) => index !== at);
    if ((await faults(fewer)).length > 0) return shortest(fewer);
  }
  return steps;
}

test.each(Array.from({ length: 300 }, (_, seed) => seed))("schedule %i", async (seed) => {
  const steps = schedule(seed, 60);
  if ((await faults(steps)).length === 0) return;
  const short = await shortest(steps);
  expect({ short, faults: await faults(short) }).toEqual({ short, faults: [] });
});
