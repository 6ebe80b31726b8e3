// Made by socket-codegen 0.1.0 from the protocol `names` (Rust: `cases::names::Names`).
// Fingerprint: fc7b47463dab21c4
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::names::Command`. */
export interface Commands {
  "do": {
    channel?: `game:${string}:chat:${string}`;
    param: {
      size: Größe;
      class: boolean;
    };
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::names::Event`. */
export interface Events {
  "done": socket.Empty;
}

/** Rust: `cases::names::Ch`. */
export interface Channels {
  "lobby": {
    name: "lobby";
    commands: never;
    events: never;
  };
  "game:{id}:chat:{topic}": {
    name: `game:${string}:chat:${string}`;
    commands: keyof Commands;
    events: keyof Events;
  };
}

/** Rust: `cases::names::Größe`. */
export interface Größe {
  "höhe": number;
  "a\"b\\c": number;
  "": number;
  __proto__: number;
  "line\u2028": number;
  type: number;
}

/** The types of this protocol, in one. Rust: `cases::names::Names`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "names",
    fingerprint: "fc7b47463dab21c4",
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
