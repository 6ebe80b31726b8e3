// Made by socket-codegen 0.1.0 from the protocol `long-lists` (Rust: `cases::long_lists::P`).
// Fingerprint: 0000000000000000
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::Command`. */
export interface Commands {
  "command-number-0": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-1": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-2": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-3": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-4": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-5": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-6": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-7": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-8": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-9": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-10": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
  "command-number-11": {
    channel?: never;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::Event`. */
export interface Events {
  "event-number-0": socket.Empty;
  "event-number-1": socket.Empty;
  "event-number-2": socket.Empty;
  "event-number-3": socket.Empty;
  "event-number-4": socket.Empty;
  "event-number-5": socket.Empty;
  "event-number-6": socket.Empty;
  "event-number-7": socket.Empty;
  "event-number-8": socket.Empty;
}

/** This protocol has none. */
export interface Channels {}

/** The types of this protocol, in one. Rust: `cases::long_lists::P`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "long-lists",
    fingerprint: "0000000000000000",
  },
  events: [
    "event-number-0",
    "event-number-1",
    "event-number-2",
    "event-number-3",
    "event-number-4",
    "event-number-5",
    "event-number-6",
    "event-number-7",
    "event-number-8",
  ],
  idempotent: [
    "command-number-0",
    "command-number-1",
    "command-number-2",
    "command-number-3",
    "command-number-4",
    "command-number-5",
    "command-number-6",
    "command-number-7",
    "command-number-8",
    "command-number-9",
    "command-number-10",
    "command-number-11",
  ],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
