// Made by socket-codegen 0.1.0 from the protocol `probe` (Rust: `conformance::protocol::Probe`).
// Fingerprint: 457afe5e123b25b4
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** The commands of a client. Rust: `conformance::protocol::ProbeCommand`. */
export interface Commands {
  /** Returns the text. */
  "echo": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Any text. */
      text: string;
    };
    reply: Echoed;
    error: never;
  };
  /** Posts a text to the channel. */
  "say": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** 1 to 2,000 characters. */
      text: string;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Asks the server to put this connection into a room. */
  "enter": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Any text; `full` is refused. */
      room: string;
    };
    reply: Entered;
    error: EnterError;
  };
  /** Streams the numbers from 1. */
  "count": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The last number. With `u32::MAX` it continues until it is stopped. */
      to: number;
    };
    reply: Counted;
    item: Counted;
    error: never;
  };
  /** Answers after a time with the number of runs for this key. */
  "once": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Identifies the call. */
      key: string;
      /** Milliseconds. */
      ms: number;
    };
    reply: Counted;
    error: never;
  };
  /** Answers with the number of runs of `once` for this key. */
  "ran": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Identifies the call. */
      key: string;
    };
    reply: Counted;
    error: never;
  };
  /** Sends numbers to a channel's members, one by one. */
  "number": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The channel's name. */
      to: string;
      /** The first number. */
      from: number;
      /** The number of numbers. */
      count: number;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Puts all other connections into a channel, or takes them out of it. */
  "move": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The channel's name. */
      to: string;
      /** True to put them in, false to take them out. */
      inside: boolean;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Opens a log or room to newcomers, or closes it. Members stay in. */
  "admit": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The name. */
      name: string;
      /** True to open it, false to close it. */
      anybody: boolean;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Answers after a time. */
  "sleep": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Milliseconds. */
      ms: number;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Panics. */
  "fail": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param?: socket.Empty;
    reply: socket.Empty;
    error: never;
  };
}

/** The events that the server sends. Rust: `conformance::protocol::ProbeEvent`. */
export interface Events {
  /** Somebody posted a text. */
  "said": {
    /** The sender's name; empty for an anonymous connection. */
    readonly user: string;
    /** The text. */
    readonly text: string;
  };
}

/** The channels. Rust: `conformance::protocol::ProbeChannel`. */
export interface Channels {
  /** Open to all. */
  "lobby": {
    name: "lobby";
    commands: keyof Commands;
    events: keyof Events;
  };
  /** Open to all, until `admit` closes it. */
  "room:{room}": {
    name: `room:${string}`;
    commands: keyof Commands;
    events: keyof Events;
  };
  /** Open to all, until `admit` closes it. Keeps the last hundred events. */
  "log:{name}": {
    name: `log:${string}`;
    commands: keyof Commands;
    events: keyof Events;
    history: true;
  };
  /** Open to nobody. */
  "secret:{name}": {
    name: `secret:${string}`;
    commands: keyof Commands;
    events: keyof Events;
  };
}

/** A number: an item of `count` and its last one, or the runs of `once`. Rust: `conformance::protocol::Counted`. */
export interface Counted {
  /** Counted from 1. */
  readonly number: number;
}

/** The answer to `echo`. Rust: `conformance::protocol::Echoed`. */
export interface Echoed {
  /** The text. */
  readonly text: string;
}

/** The errors of `enter`. Rust: `conformance::protocol::EnterError`. */
export interface EnterError {
  /** The room is full. */
  readonly code: "room-full";
  readonly message: string;
  readonly data: {
    /** The number of people it holds. */
    readonly max: number;
  };
}

/** The answer to `enter`. Rust: `conformance::protocol::Entered`. */
export interface Entered {
  /** The channel's name. */
  readonly channel: string;
}

/** The types of this protocol, in one. Rust: `conformance::protocol::Probe`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
  history: true;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "probe",
    fingerprint: "457afe5e123b25b4",
  },
  events: ["said"],
  idempotent: ["echo", "ran"],
  recovery: socket.recovery,
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
