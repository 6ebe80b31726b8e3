// Made by socket-codegen 0.1.0 from the protocol `numbered` (Rust: `cases::numbered::P`).
// Fingerprint: 0000000000000000
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::Command`. */
export interface Commands {
  "a": {
    channel?: never;
    param: {
      x: Thing2;
      y: Thing;
    };
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::Event`. */
export interface Events {
  "b": {
    readonly x: Thing;
    readonly y: Thing2;
  };
}

/** This protocol has none. */
export interface Channels {}

/** Rust: `cases::Thing`. */
export interface Thing {
  readonly a: string;
}

/** Rust: `cases::Thing2`. */
export interface Thing2 {
  readonly b: string;
}

/** The types of this protocol, in one. Rust: `cases::numbered::P`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "numbered",
    fingerprint: "0000000000000000",
  },
  events: ["b"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
