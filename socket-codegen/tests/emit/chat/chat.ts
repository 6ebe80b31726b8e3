// Made by socket-codegen 0.1.0 from the protocol `chat` (Rust: `chat::protocol::Chat`).
// Fingerprint: 9f3c5a1e7b20d486
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** What a chat client may ask. Rust: `chat::protocol::ChatCommand`. */
export interface Commands {
  /** Measures the round trip. */
  "ping": {
    channel?: never;
    param?: socket.Empty;
    reply: Pong;
    error: never;
  };
  /** Says something in the channel it is sent to. */
  "chat": {
    channel?: "lobby" | `room:${string}`;
    param: {
      /** 1 to 2,000 characters. */
      text: string;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Joins a further room. */
  "join-room": {
    channel?: never;
    param: {
      room: string;
    };
    reply: Joined;
    error: JoinError;
  };
}

/** What the server tells. Rust: `chat::protocol::ChatEvent`. */
export interface Events {
  /** Answers a `ping` that was sent without waiting for its reply. */
  "pong": {
    readonly timestamp: number;
  };
  /** Somebody said something. */
  "chat": {
    readonly user: string;
    readonly text: string;
    /** Milliseconds since 1970. */
    readonly time: number;
  };
  /** Somebody came in. */
  "user-joined": {
    readonly user: string;
  };
}

/** Where it is told. Rust: `chat::protocol::ChatChannel`. */
export interface Channels {
  /** Where everybody is. */
  "lobby": {
    name: "lobby";
    commands: "chat";
    events: "chat";
  };
  /** One room. */
  "room:{room}": {
    name: `room:${string}`;
    commands: "chat";
    events: "chat" | "user-joined";
  };
}

/** Why a room could not be joined. Rust: `chat::protocol::JoinError`. */
export type JoinError =
  | {
      /** It holds as many as it can. */
      readonly code: "room-full";
      readonly message: string;
      readonly data: {
        readonly max: number;
      };
    }
  | {
      readonly code: "not-invited";
      readonly message: string;
    };

/** The answer to `join-room`. Rust: `chat::protocol::Joined`. */
export interface Joined {
  readonly room: string;
  /** How many are in it now. */
  readonly members: number;
}

/** The answer to `ping`. Rust: `chat::protocol::Pong`. */
export interface Pong {
  /** Milliseconds since 1970, by the server's clock. */
  readonly timestamp: number;
}

/** The types of this protocol, in one. Rust: `chat::protocol::Chat`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "chat",
    fingerprint: "9f3c5a1e7b20d486",
  },
  events: ["pong", "chat", "user-joined"],
  idempotent: ["ping"],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
