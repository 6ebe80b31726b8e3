// Made by socket-codegen 0.1.0 from the protocol `probe` (Rust: `conformance::protocol::Probe`).
// Fingerprint: 457afe5e123b25b4
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** What a client may ask. Rust: `conformance::protocol::ProbeCommand`. */
export interface Commands {
  /** Says the text back. */
  "echo": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Any text. */
      text: string;
    };
    reply: Echoed;
    error: never;
  };
  /** Tells a channel's members. */
  "say": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** 1 to 2,000 characters. */
      text: string;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Enters a room, by the server's hand. */
  "enter": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Any text; `full` is refused. */
      room: string;
    };
    reply: Entered;
    error: EnterError;
  };
  /** Counts from 1 up, a number at a time. */
  "count": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The last number. With `u32::MAX` it goes on until it is stopped. */
      to: number;
    };
    reply: Counted;
    item: Counted;
    error: never;
  };
  /** Answers after that time, with how often that key has been run. */
  "once": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Whatever tells this call from others. */
      key: string;
      /** Milliseconds. */
      ms: number;
    };
    reply: Counted;
    error: never;
  };
  /** How often that key of `once` has been run. */
  "ran": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** Whatever tells a call from others. */
      key: string;
    };
    reply: Counted;
    error: never;
  };
  /** Tells a channel's members that many numbers, one by one, whoever asks. */
  "number": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The channel's name. */
      to: string;
      /** The first number. */
      from: number;
      /** How many. */
      count: number;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Puts everybody else into a channel, or takes them out of it. */
  "move": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The channel's name. */
      to: string;
      /** Whether they are in it then. */
      inside: boolean;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Lets anybody join a log or a room of that name, or nobody. Who is in stays in. */
  "admit": {
    channel?: "lobby" | `room:${string}` | `log:${string}` | `secret:${string}`;
    param: {
      /** The name. */
      name: string;
      /** Whether anybody may. */
      anybody: boolean;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Answers after that time. */
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

/** What the server tells. Rust: `conformance::protocol::ProbeEvent`. */
export interface Events {
  /** Somebody said something. */
  "said": {
    /** Who; empty for nobody. */
    readonly user: string;
    /** What. */
    readonly text: string;
  };
}

/** Where it is told. Rust: `conformance::protocol::ProbeChannel`. */
export interface Channels {
  /** Open to all. */
  "lobby": {
    name: "lobby";
    commands: keyof Commands;
    events: keyof Events;
  };
  /** Open to all, until `admit` says otherwise. */
  "room:{room}": {
    name: `room:${string}`;
    commands: keyof Commands;
    events: keyof Events;
  };
  /** Open to all, until `admit` says otherwise. Keeps what was said. */
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

/** What `count` streams, and how far it came; how often `once` ran. Rust: `conformance::protocol::Counted`. */
export interface Counted {
  /** From 1 up. */
  readonly number: number;
}

/** The answer to `echo`. Rust: `conformance::protocol::Echoed`. */
export interface Echoed {
  /** The text. */
  readonly text: string;
}

/** Why a room cannot be entered. Rust: `conformance::protocol::EnterError`. */
export interface EnterError {
  /** It holds as many as it can. */
  readonly code: "room-full";
  readonly message: string;
  readonly data: {
    /** How many. */
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
