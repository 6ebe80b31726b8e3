// Made by socket-codegen 0.1.0 from the protocol `kept` (Rust: `kept::Kept`).
// Fingerprint: 0123456789abcdef
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `kept::Command`. */
export interface Commands {
  /** Says something. */
  "post": {
    channel?: `room:${string}` | "lobby";
    param: {
      /** 1 to 2,000 characters. */
      text: string;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Counts up to a number. */
  "count": {
    channel?: never;
    param: {
      to: number;
    };
    reply: {
      readonly sum: number;
    };
    item: {
      readonly n: number;
    };
    error: never;
  };
  /** Ticks that hold nothing. */
  "ticks": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    item: socket.Empty;
    error: never;
  };
}

/** Rust: `kept::Event`. */
export interface Events {
  /** Somebody said something. */
  "posted": {
    readonly user: string;
    readonly text: string;
    /** Milliseconds since 1970. */
    readonly time: number;
  };
}

/** Rust: `kept::Channel`. */
export interface Channels {
  /** Keeps what was said. */
  "room:{room}": {
    name: `room:${string}`;
    commands: "post";
    events: keyof Events;
    history: true;
  };
  /** Keeps nothing. */
  "lobby": {
    name: "lobby";
    commands: "post";
    events: keyof Events;
  };
}

/** The types of this protocol, in one. Rust: `kept::Kept`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
  history: true;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "kept",
    fingerprint: "0123456789abcdef",
  },
  events: ["posted"],
  idempotent: ["count"],
  keeps: [":user"],
  recovery: socket.recovery,
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
