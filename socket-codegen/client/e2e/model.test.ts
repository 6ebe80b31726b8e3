// Random schedules of everything that networks, servers and programs do, over the generated client and the
// real server. `test/model.test.ts` tries many more of them, in time that is made up and against a model of
// the server.

import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { Socket } from "../../../generated-ts/conformance/index.ts";
import type { SocketError } from "../../../generated-ts/conformance/socket.ts";
import { Chat } from "./chat.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import { numbers } from "./random.ts";

/** How many schedules, each of which ends differently for its own luck with time. */
const SCHEDULES = Number(process.env["SCHEDULES"] ?? 12);
const LENGTH = 40;
/** ms for which the server keeps a session. */
const RESUME = 1_500;
/** Two that keep a hundred events, and one that keeps none. */
const PLACES = ["log:a", "log:b", "room:c"] as const;
type Place = (typeof PLACES)[number];

/** What a schedule is made of, and how often it comes. */
const STEPS = {
  publish: 10,
  flood: 1,
  once: 6,
  echo: 2,
  join: 3,
  leave: 1,
  takeOut: 1,
  putIn: 1,
  forbid: 1,
  allow: 1,
  cut: 2,
  cutLater: 4,
  hole: 1,
  away: 1,
  awayForLong: 1,
  restart: 1,
  wait: 6,
} as const;
type Kind = keyof typeof STEPS;
const KINDS = Object.entries(STEPS).flatMap(([kind, often]) =>
  Array<Kind>(often).fill(kind as Kind),
);

interface Call {
  readonly key: string;
  /** In which process of the server it was made. */
  readonly process: number;
  end?: number | SocketError;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it is so. `false`: it was not to be, within 30 s. */
async function until(isSo: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 30_000; !isSo(); await wait(5)) if (Date.now() > end) return false;
  return true;
}

/** The client that everything happens to, the server, and the network between them. */
class World {
  readonly faults: string[] = [];
  readonly #server = new Chat("conformance", "--resume-ms", `${RESUME}`);
  readonly #ledgers = new Map(PLACES.map((name) => [name, new Ledger(name, this.faults)]));
  readonly #calls: Call[] = [];
  readonly #echoes: Promise<unknown>[] = [];
  /** On which sessions each key of `once` was sent. */
  readonly #sentOn = new Map<string, Set<string>>();
  #network: Network | undefined;
  #player: Socket | undefined;
  /** Has a way of its own to the server, and nothing happens to it but restarts. */
  #program: Socket | undefined;
  #processes = 1;

  async start(): Promise<void> {
    await this.#server.start();
    const direct = new URL(this.#server.address("/socket"));
    this.#network = new Network(direct);
    const port = await this.#network.listen();
    this.#program = new Socket({
      url: direct,
      WebSocket,
      onGap: () => {},
      onError: (source, message) => {
        if (source !== "connection") this.faults.push(`program: ${source}: ${message}`);
      },
    });
    this.#player = new Socket({
      url: `http://127.0.0.1:${port}/socket`,
      WebSocket: this.#recorded(),
      connectTimeout: 1_500,
      onMessage: ({ channel, param }) =>
        this.#ledgers.get(channel as Place)?.event(Number(param.text)),
      onGap: (gap) => this.#ledgers.get(gap.channel as Place)?.gap(gap),
      onError: (source, message) => {
        if (source !== "connection") this.faults.push(`${source}: ${message}`);
      },
    });
    for (const [place, ledger] of this.#ledgers)
      this.#player.channel(place).onClosed(() => ledger.closed());
    await Promise.all(PLACES.map((place) => this.#join(place)));
  }

  /** Notes which calls went out on which session. */
  #recorded() {
    const sentOn = this.#sentOn;
    return class extends WebSocket {
      #session = "";

      constructor(url: string, protocol: string) {
        super(url, protocol);
        this.on("message", (data) => {
          const { re, param } = JSON.parse(`${data}`);
          if (re === 1 && param) this.#session = param.connection;
        });
      }

      override send(text: string): void {
        const { cmd, param } = JSON.parse(text);
        if (cmd === "once") {
          const sessions = sentOn.get(param.key) ?? new Set();
          sentOn.set(param.key, sessions.add(this.#session));
        }
        super.send(text);
      }
    };
  }

  async #join(place: Place): Promise<void> {
    // Refused while nobody may join, and given up when it is left.
    await this.#player
      ?.channel(place)
      .join()
      .catch(() => {});
  }

  async #publish(place: Place, count: number): Promise<void> {
    const ledger = this.#ledgers.get(place) as Ledger;
    const from = ledger.published + 1;
    ledger.published += count;
    await this.#program?.call({ cmd: "number", param: { to: place, from, count } });
  }

  async take(kind: Kind, place: Place, chance: number): Promise<void> {
    const [player, program, network] = [this.#player, this.#program, this.#network];
    if (!player || !program || !network) throw new Error("not started");
    const name = place.slice(place.indexOf(":") + 1);
    if (kind === "publish") await this.#publish(place, 1 + Math.floor(chance * 3));
    else if (kind === "flood") await this.#publish(place, 120);
    else if (kind === "once") this.#call(player, Math.floor(chance * 300));
    else if (kind === "echo") {
      const text = `${chance}`;
      const echo = player.call({ cmd: "echo", param: { text } }, { timeout: 60_000 });
      this.#echoes.push(echo.then((echoed) => expect(echoed).toEqual({ text })));
    } else if (kind === "join") this.#join(place);
    else if (kind === "leave") {
      this.#ledgers.get(place)?.left();
      player.channel(place).leave();
    } else if (kind === "takeOut" || kind === "putIn")
      await program.call({ cmd: "move", param: { to: place, inside: kind === "putIn" } });
    else if (kind === "forbid" || kind === "allow")
      await program.call({ cmd: "admit", param: { name, anybody: kind === "allow" } });
    else if (kind === "cut") network.breakAfter(0);
    else if (kind === "cutLater") network.breakAfter(Math.floor(chance * 2_000));
    else if (kind === "hole") {
      network.cut();
      await wait(chance * 1_300);
      network.mend();
    } else if (kind === "away" || kind === "awayForLong") {
      network.down();
      await wait(kind === "away" ? chance * 500 : RESUME + 500);
      network.mend();
    } else if (kind === "restart") {
      await this.#server.kill();
      this.#processes++;
      await this.#server.start();
      await program.call({ cmd: "ran", param: { key: "" } });
    } else if (kind === "wait") await wait(chance * 60);
  }

  #call(player: Socket, ms: number): void {
    const call: Call = { key: `key ${this.#calls.length}`, process: this.#processes };
    this.#calls.push(call);
    player.call({ cmd: "once", param: { key: call.key, ms } }, { timeout: 60_000 }).then(
      ({ number }) => {
        call.end = number;
      },
      (error: SocketError) => {
        call.end = error;
      },
    );
  }

  /** Mends everything, waits for the end of what goes on, and gives what is wrong with it. */
  async settled(): Promise<string[]> {
    const [player, program] = [this.#player, this.#program];
    if (!player || !program) throw new Error("not started");
    this.#network?.breakAfter(Number.POSITIVE_INFINITY);
    this.#network?.mend();
    for (const place of PLACES) await this.take("allow", place, 0);
    // Whatever is on its way comes before the answer, and so does whatever a break still brings.
    await player.call({ cmd: "echo", param: { text: "" } }, { timeout: 60_000 });
    await wait(100);
    for (const place of PLACES) await this.#join(place);
    for (const place of PLACES) await this.#publish(place, 1);
    for (const ledger of this.#ledgers.values())
      if (!(await until(() => ledger.last === ledger.published)))
        this.faults.push(`${ledger.channel}: ended with ${ledger.last} of ${ledger.published}`);
    await Promise.all(this.#echoes);
    for (const call of this.#calls) await this.#check(call, program);
    for (const { channel, idleGaps } of this.#ledgers.values())
      if (idleGaps > 0 && this.#processes === 1)
        this.faults.push(`${channel}: ${idleGaps} gaps where nothing was missing`);
    return this.faults;
  }

  /** A call that may run once ran once where it was answered, and never twice. */
  async #check(call: Call, program: Socket): Promise<void> {
    const { key } = call;
    if (!(await until(() => call.end !== undefined))) this.faults.push(`${key} did not end`);
    const { end } = call;
    const { number: ran } = await program.call({ cmd: "ran", param: { key } });
    const sessions = this.#sentOn.get(key)?.size ?? 0;
    if (ran > 1) this.faults.push(`${key} ran ${ran} times`);
    if (sessions > 1) this.faults.push(`${key} was sent on ${sessions} sessions`);
    if (typeof end === "number") {
      if (end !== 1) this.faults.push(`${key} was answered ${end}`);
      if (ran !== 1 && call.process === this.#processes)
        this.faults.push(`${key} was answered and did not run`);
    } else if (end?.code !== "disconnected" && end?.code !== "outcome-unknown")
      this.faults.push(`${key} ended with ${end?.code}`);
    else if (end.code === "disconnected" && !end.sent && (ran > 0 || sessions > 0))
      this.faults.push(`${key} is said not to have been sent`);
  }

  async stop(): Promise<void> {
    this.#player?.disconnect();
    this.#program?.disconnect();
    this.#network?.close();
    await this.#server.kill();
  }
}

test.concurrent.each(Array.from({ length: SCHEDULES }, (_, seed) => seed))(
  "schedule %i",
  { timeout: 120_000 },
  async (seed) => {
    const random = numbers(seed);
    const world = new World();
    const steps: string[] = [];
    try {
      await world.start();
      for (let step = 0; step < LENGTH; step++) {
        const kind = KINDS[Math.floor(random() * KINDS.length)] ?? "wait";
        const place = PLACES[Math.floor(random() * PLACES.length)] ?? "log:a";
        steps.push(`${kind} ${place}`);
        await world.take(kind, place, random());
      }
      const faults = await world.settled();
      expect({ steps, faults }).toEqual({ steps, faults: [] });
    } finally {
      await world.stop();
    }
  },
);
