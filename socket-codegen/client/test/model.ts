// A model of a server: sessions, answers that are kept, channels with and without history, and a
// network that takes time, loses what is on its way and falls silent. It keeps count of everything.

import { FakeWebSocket } from "./server.ts";

type Frame = { readonly [field: string]: unknown };
type Position = { readonly epoch: string; readonly at: number };

interface Session {
  readonly id: string;
  /** The newest token, and the one before it until the client was heard. */
  tokens: string[];
  link: Link | undefined;
  endedAt: number;
  /** What is left of its rate, which a break does not give back. */
  rate: { left: number; at: number };
  highest: number;
  /** Answers by id; `undefined` while the command runs. */
  readonly answers: Map<number, Frame | undefined>;
}

/** ms that a frame is on its way, and that a command runs. */
const LATENCY = 5;
const WORK = 40;
const RESUME_WINDOW = 15_000;
/** Events that a channel keeps. */
const KEPT = 8;
export const LIMITS = { message: 65_536, channels: 128, rate: 40, burst: 5 };

/** One WebSocket, with the network between both sides. */
class Link extends FakeWebSocket {
  session: Session | undefined;
  readonly channels = new Set<string>();
  /** Of each channel, `gap` or `none`, once the client heard of it. */
  readonly verdict: { [channel: string]: string[] } = {};
  isSilent = false;
  isOver = false;
  readonly #model: Model;

  constructor(model: Model, url: string, protocol: string) {
    super(url, protocol);
    this.#model = model;
    setTimeout(() => {
      if (this.#model.isDown) this.cut();
      else this.open();
    }, LATENCY);
  }

  override send(text: string): void {
    this.#travel(() => this.#model.takes(this, JSON.parse(text)));
  }

  tells(frame: Frame): void {
    this.#travel(() => {
      this.#note(frame);
      this.says(frame);
    });
  }

  /** Counts what this connection was told of what may be missing. */
  #note({ re, param }: Frame): void {
    if (re !== 1) return;
    const { channels = {} } = (param ?? {}) as { channels?: { [name: string]: Frame } };
    for (const [name, { recovery }] of Object.entries(channels))
      if (recovery === "gap" || recovery === "none") this.verdict[name] = [recovery];
  }

  #travel(arrive: () => void): void {
    setTimeout(() => {
      if (!this.isSilent && !this.isOver) arrive();
    }, LATENCY);
  }

  override close(): void {
    // The server does not hear of it on a dead network, and notices later by itself.
    if (!this.isSilent) this.#model.ended(this);
    this.isOver = true;
  }

  /** Both sides see it end. */
  cut(code = 1006): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#model.ended(this);
    if (!this.isSilent) this.ends(code);
  }
}

export class Model {
  readonly links: Link[] = [];
  /** Keys of commands, once for each run. */
  readonly ran: number[] = [];
  /** What was published to each channel: the offset in the present epoch, by sequence. */
  readonly published: { readonly channel: string; readonly seq: number }[] = [];
  readonly refused: string[] = [];
  isDown = false;
  #epoch = 1;
  #top = 0;
  #kept: { at: number; seq: number; prev: number }[] = [];
  #seq = 0;
  #made = 0;
  #sessions: Session[] = [];

  get WebSocket() {
    const model = this;
    return class extends Link {
      constructor(url: string, protocol: string) {
        super(model, url, protocol);
        model.links.push(this);
      }
    };
  }

  /** The link of now. */
  get link(): Link | undefined {
    const last = this.links.at(-1);
    return last?.isOver ? undefined : last;
  }

  get #position(): Position {
    return { epoch: `e${this.#epoch}`, at: this.#top };
  }

  /** Publishes an event. `skip`: offsets of a broker have holes. */
  publish(channel: "room" | "lobby", skip = 0): void {
    const seq = ++this.#seq;
    this.published.push({ channel, seq });
    const event = { cmd: "posted", channel, param: { seq } };
    let place: { at: number; prev?: number } | undefined;
    if (channel === "room") {
      const prev = this.#top;
      this.#top += 1 + skip;
      this.#kept = [...this.#kept, { at: this.#top, seq, prev }].slice(-KEPT);
      place = { at: this.#top, ...(skip > 0 && { prev }) };
    }
    for (const link of this.links) {
      if (!link.isOver && link.channels.has(channel)) link.tells({ ...event, ...place });
    }
  }

  /** What was delivered comes once more. */
  repeat(): void {
    const [last] = this.#kept.slice(-1);
    if (!last || !this.link?.channels.has("room")) return;
    const { at, seq, prev } = last;
    this.link.tells({ cmd: "posted", channel: "room", param: { seq }, at, prev });
  }

  /** The history forgets what it holds, and not where it stands. */
  evict(): void {
    this.#kept = [];
  }

  /** Everything in memory is gone, and every connection. */
  restart(): void {
    this.#sessions = [];
    this.#epoch++;
    this.#kept = [];
    this.#top = 0;
    for (const link of this.links) link.cut(1001);
  }

  ended(link: Link): void {
    if (link.session?.link !== link) return;
    link.session.link = undefined;
    link.session.endedAt = Date.now();
  }

  takes(link: Link, frame: Frame): void {
    const { cmd, id, param } = frame as { cmd: string; id: number; param: Frame };
    if (cmd === ":connect") return this.#connect(link, param);
    const { session } = link;
    if (!session || cmd === ":ping" || cmd === ":pong") return;
    session.tokens = session.tokens.slice(-1);
    this.#count(session, cmd);
    const channel = frame["channel"] as string | undefined;
    if (cmd[0] !== ":" && channel && !link.channels.has(channel))
      this.refused.push(`${cmd} to ${channel}, which was not joined`);
    if (cmd === ":join") {
      const result = this.#join(link, String(frame["channel"]), param);
      link.tells({ re: id, param: result });
      this.#replay(link, result, param);
      return;
    }
    if (cmd === ":leave") {
      link.channels.delete(String(frame["channel"]));
      return link.tells({ re: id, param: {} });
    }
    if (id === undefined) {
      this.ran.push(param["key"] as number);
    } else if (id > session.highest) {
      session.highest = id;
      session.answers.set(id, undefined);
      this.ran.push(param["key"] as number);
      setTimeout(() => {
        const answer = { re: id, param: { key: param["key"] } };
        session.answers.set(id, answer);
        session.link?.tells(answer);
      }, WORK);
    } else if (session.answers.has(id)) {
      const answer = session.answers.get(id);
      if (answer) link.tells(answer);
    } else link.tells({ re: id, error: { code: "outcome-unknown", message: "" } });
  }

  #connect(link: Link, param: Frame): void {
    if (param["token"] === "old") {
      link.tells({ re: 1, error: { code: "unauthorized", message: "" } });
      setTimeout(() => link.cut(4401), LATENCY);
      return;
    }
    const held = this.#sessions.find(({ tokens }) => tokens.includes(String(param["session"])));
    const resumed = held !== undefined && (held.link || Date.now() - held.endedAt < RESUME_WINDOW);
    const fresh: Session = {
      id: `c${++this.#made}`,
      tokens: [],
      link: undefined,
      endedAt: 0,
      rate: { left: LIMITS.burst, at: Date.now() },
      highest: 1,
      answers: new Map(),
    };
    const session = held && resumed ? held : fresh;
    if (session === fresh) this.#sessions.push(session);
    session.link?.cut(4505);
    session.link = link;
    link.session = session;
    session.tokens = [...session.tokens.slice(-1), `s${++this.#made}`];
    const channels = param["channels"] as { [name: string]: Frame };
    const results = Object.entries(channels).map(
      ([name, asked]) => [name, this.#join(link, name, asked)] as const,
    );
    link.tells({
      re: 1,
      param: {
        connection: session.id,
        session: session.tokens.at(-1),
        resumed: session === held,
        user: null,
        ping: 25_000,
        timeout: 10_000,
        spread: 2_000,
        limits: LIMITS,
        channels: Object.fromEntries(results),
      },
    });
    for (const [name, result] of results) this.#replay(link, result, channels[name]);
    const ping = setInterval(() => {
      if (link.isOver) clearInterval(ping);
      else link.tells({ cmd: ":ping" });
    }, 25_000);
  }

  #join(link: Link, channel: string, asked: Frame | undefined): Frame {
    link.channels.add(channel);
    if (channel !== "room") return { recovery: "none" };
    const since = asked?.["since"] as Position | undefined;
    if (!since) return { recovery: "fresh", ...this.#position };
    const oldest = this.#kept[0]?.prev ?? this.#top;
    const isThere = since.epoch === this.#position.epoch && since.at >= oldest;
    return { recovery: isThere ? "complete" : "gap", ...this.#position };
  }

  #replay(link: Link, result: Frame, asked: Frame | undefined): void {
    const since = asked?.["since"] as Position | undefined;
    if (result["recovery"] !== "complete" || !since) return;
    for (const { at, seq, prev } of this.#kept) {
      if (at > since.at) link.tells({ cmd: "posted", channel: "room", param: { seq }, at, prev });
    }
  }

  /** The rate is the server's to keep; clients pace themselves. */
  #count({ rate }: Session, cmd: string): void {
    const passed = Date.now() - rate.at;
    rate.at = Date.now();
    rate.left = Math.min(LIMITS.burst, rate.left + (passed * LIMITS.rate) / 1_000) - 1;
    if (rate.left < -0.001) this.refused.push(`${cmd} came too soon`);
  }
}
