// Types of the mock server: the protocol, read from the server's side.

import type { BuiltinError, Empty, ItemOf, ProtocolShape, User } from "../index.js";
import type { Refusal } from "./connection.js";

/** An error as a server may send it. The message may be left out, and data that says nothing too. */
export type Refusable<E> = E extends { code: infer Code }
  ? Code extends "aborted" | "queue-full" | "disconnected"
    ? never
    : { readonly code: Code; readonly message?: string } & DataOf<E>
  : never;

type DataOf<E> = E extends { data: infer Data }
  ? unknown extends Data
    ? { readonly data?: unknown }
    : { readonly data: Data }
  : unknown;

type ParamOf<P extends ProtocolShape<P>, K extends keyof P["commands"]> = Exclude<
  P["commands"][K]["param"],
  undefined
>;

/** What crossed the wire: a `bigint` is the text of its digits there. Nothing else differs. */
export type OnWire<T> = unknown extends T
  ? T
  : T extends bigint
    ? `${bigint}`
    : T extends string | number | boolean | null | undefined
      ? T
      : { [K in keyof T]: OnWire<T[K]> };

/** The parameters of a command as they arrived. */
export type Arrived<P extends ProtocolShape<P>, K extends keyof P["commands"]> = OnWire<
  ParamOf<P, K>
>;

type Ending<P extends ProtocolShape<P>, K extends keyof P["commands"]> =
  | P["commands"][K]["reply"]
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing
  | (Empty extends P["commands"][K]["reply"] ? void : never)
  | Refusal<Refusable<P["commands"][K]["error"] | BuiltinError>>;

/**
 * What a handler answers: the reply, nothing where it has no fields, or a refusal. A command that streams
 * may be answered by a generator: it yields the items, and returns one of these.
 */
export type Answer<P extends ProtocolShape<P>, K extends keyof P["commands"]> =
  | Ending<P, K>
  | (P["commands"][K] extends { item: unknown }
      ?
          | Generator<ItemOf<P, K>, Ending<P, K>, undefined>
          | AsyncGenerator<ItemOf<P, K>, Ending<P, K>, undefined>
      : never);

/** A command as it arrived. */
export interface Sent<P extends ProtocolShape<P>, K extends keyof P["commands"]> {
  readonly cmd: K;
  readonly param: Arrived<P, K>;
  readonly channel?: string;
  /** Present where the client waits for the reply. */
  readonly id?: number;
}

/** Any command as it arrived: a union to switch over by `cmd`. */
export type AnySent<P extends ProtocolShape<P>> = {
  [K in keyof P["commands"]]: Sent<P, K>;
}[keyof P["commands"]];

/** The channels that carry an event. */
export type ChannelOf<P extends ProtocolShape<P>, K> = {
  [Pattern in keyof P["channels"]]: K extends
    | P["channels"][Pattern]["events"]
    | "online-update"
    | "presence-update"
    ? P["channels"][Pattern]["name"]
    : never;
}[keyof P["channels"]];

/** The patterns of the channels that keep history. */
export type KeptPattern<P extends ProtocolShape<P>> = {
  [K in keyof P["channels"]]: P["channels"][K] extends { history: true } ? K : never;
}[keyof P["channels"]];

/** The names of the channels that keep history. */
export type KeptName<P extends ProtocolShape<P>> = P["channels"][KeptPattern<P>]["name"];

/** Where an event goes, and what stands in it beside its parameters. */
export interface EmitOptions<P extends ProtocolShape<P>, K> {
  /** Its members hear it. Default: every client, without a channel. */
  channel?: ChannelOf<P, K>;
  /** The id of the connection that caused it. */
  from?: string;
  /** Its offset. Default: the next one where the channel keeps history, else none. */
  at?: number;
  /** `false`: as of a `latest` or `volatile` event, which no history keeps. Default `true`. */
  kept?: boolean;
}

export interface MockOptions<P extends ProtocolShape<P>> {
  /** Who the client is. Default `null`: nobody. */
  user?: User | null;
  /** The channel that the connection is in from the start. Default: none. */
  channel?: string;
  /** Lets a client in, by its token, or not. Default: everybody, as `user`. */
  connect?: (ask: { token?: string }) => User | null | Refusal<Refusable<BuiltinError>>;
  /** Lets into a channel, or not. Default: into all. */
  join?: (channel: string) => undefined | Refusal<Refusable<BuiltinError>>;
  /**
   * The channels that keep what is emitted to them, by their patterns: `["room:{room}"]`. Who comes back
   * gets what was missed, and `history` what was before. Default: none of them does.
   */
  history?: readonly KeptPattern<P>[];
  /** ms; see `spread` of the protocol. Default 50, so that clients are back soon. */
  spread?: number;
  /** ms until the token runs out. Default: never. */
  expires?: number;
}
