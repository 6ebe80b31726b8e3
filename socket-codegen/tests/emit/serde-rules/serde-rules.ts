// Made by socket-codegen 0.1.0 from the protocol `serde-rules` (Rust: `cases::names::Names`).
// Fingerprint: 6695556e3310d757
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::names::Command`. */
export interface Commands {
  "do": {
    channel?: never;
    param: {
      tagged: Tagged;
      skips: SkipsInput;
      deny: Deny;
      u: UInput;
      oth: Oth;
    };
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::names::Event`. */
export interface Events {
  "done": {
    readonly tagged: Tagged;
    readonly skips: Skips;
    readonly deny: Deny;
    readonly u: U;
    readonly p: Page_for_uint8;
    readonly q: Page_for_string;
    readonly oth: Oth;
  };
}

/** This protocol has none. */
export interface Channels {}

/** Rust: `cases::names::Deny`. */
export interface Deny {
  readonly a: number;
  readonly b: number;
}

/** Rust: `cases::names::Never`. */
export type Never = never;

/** Rust: `cases::names::Opt`. */
export type Opt = number | null;

/** Rust: `cases::names::Oth`. */
export type Oth = "one" | "rest";
export const Oth = ["one", "rest"] as const;

/** Rust: `cases::names::Page`. */
export interface Page_for_string {
  readonly items: readonly string[];
}

/** Rust: `cases::names::Page`. */
export interface Page_for_uint8 {
  readonly items: readonly number[];
}

/** Rust: `cases::names::Skips`. */
export interface Skips {
  readonly v?: readonly number[];
  readonly o: Opt;
  readonly n: readonly Never[];
  readonly b: {
    readonly [key: string]: number;
  };
}

/** Rust: `cases::names::Skips`. */
export interface SkipsInput {
  v: number[];
  o: Opt;
  n: Never[];
  b: {
    [key: string]: number;
  };
}

/** Rust: `cases::names::Tagged`. */
export interface Tagged {
  readonly a: number;
}

/** Rust: `cases::names::U`. */
export type U = Deny | boolean;

/** Rust: `cases::names::U`. */
export type UInput = Deny | number;

/** The types of this protocol, in one. Rust: `cases::names::Names`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "serde-rules",
    fingerprint: "6695556e3310d757",
  },
  events: ["done"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
