// What the mock server keeps of its channels, for those who come back.

import type { JoinResult } from "../index.js";
import type { Fields } from "./connection.js";

interface Stream {
  readonly epoch: string;
  /** The offset of the newest event. */
  readonly at: number;
  /** Whole, the oldest first. */
  readonly events: readonly Kept[];
}

type Kept = Fields & { readonly at: number };

/** What a join is answered, and what follows that answer. */
export interface Joined {
  readonly result: JoinResult & Partial<Pick<Stream, "epoch" | "at">>;
  readonly missed: readonly Fields[];
}

export class MockHistory {
  readonly #patterns: readonly RegExp[];
  readonly #streams = new Map<string, Stream>();
  #epochs = 0;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(expressionOf);
  }

  /** What is kept of a channel: `undefined` where it keeps nothing. */
  of(channel: string): Stream | undefined {
    // A client names those of the protocol's own only where they keep history.
    const keeps = channel.startsWith(":") || this.#patterns.some((one) => one.test(channel));
    if (!keeps) return undefined;
    return this.#streams.get(channel) ?? this.lose(channel);
  }

  /** Keeps an event, and gives it with its place. */
  keep(channel: string, stream: Stream, event: Fields, at: number = stream.at + 1): Kept {
    const kept = { ...event, at };
    this.#streams.set(channel, { ...stream, at, events: [...stream.events, kept] });
    return kept;
  }

  /** Begins anew: what was there is gone, and offsets of before mean nothing. */
  lose(channel: string): Stream {
    const stream = { epoch: `mock-${++this.#epochs}`, at: 0, events: [] };
    this.#streams.set(channel, stream);
    return stream;
  }

  /** The answer to one who wants in, and was there until `since`. */
  join(channel: string, since: unknown): Joined {
    const stream = this.of(channel);
    if (!stream) return { result: { recovery: "none" }, missed: [] };
    const { epoch, at, events } = stream;
    if (typeof since !== "object" || since === null) {
      return { result: { recovery: "fresh", epoch, at }, missed: [] };
    }
    const { epoch: then, at: seen } = since as { epoch?: unknown; at?: unknown };
    if (then !== epoch || typeof seen !== "number" || seen > at) {
      return { result: { recovery: "gap", epoch, at }, missed: [] };
    }
    const missed = events.filter((event) => event.at > seen);
    return { result: { recovery: "complete", epoch, at }, missed };
  }

  /** One page of what is kept. */
  page(stream: Stream, { limit, before }: Fields): Fields {
    const end = typeof before === "number" ? before : Number.POSITIVE_INFINITY;
    const events = stream.events.filter(({ at }) => at < end);
    const most = typeof limit === "number" ? limit : PAGE;
    return { epoch: stream.epoch, at: stream.at, events: events.slice(-most) };
  }
}

/** Events of a page where the client names no number. */
const PAGE = 300;

/** Which names fit a pattern. A parameter ends where the pattern's next sign is, `{*name}` at the end. */
function expressionOf(pattern: string): RegExp {
  const delimiters = pattern.replace(/\{.*?\}|[A-Za-z0-9]/g, "");
  const one = delimiters === "" ? ".+" : `[^${delimiters.replace(/./g, "\\$&")}]+`;
  const parts = pattern.split(/(\{.*?\})/).map((part) => {
    if (part.startsWith("{*")) return ".+";
    return part.startsWith("{") ? one : part.replace(/[^A-Za-z0-9]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}
