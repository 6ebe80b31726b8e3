// Made by socket-codegen 0.1.0 from the protocol `chat` (Rust: `chat::protocol::Chat`).
// Fingerprint: 48dcba801e2d912e
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** The commands of a chat client. Rust: `chat::protocol::ChatCommand`. */
export interface Commands {
  /**
   * Measures the round trip. If the client does not wait for the reply, everybody in the channel
   * receives the event `pong`.
   */
  "ping": {
    channel?: string;
    param?: socket.Empty;
    reply: Pong;
    error: never;
  };
  /** Posts a message to the channel. */
  "chat": {
    channel?: string;
    param: {
      /** 1 to 2,000 characters. */
      text: string;
    };
    reply: socket.Empty;
    error: never;
  };
  /** Joins another room: the channel of exactly this name. */
  "join-room": {
    channel?: string;
    param: {
      /** The channel's name. */
      room: string;
    };
    reply: Joined;
    error: never;
  };
}

/** The events that the server sends. Rust: `chat::protocol::ChatEvent`. */
export interface Events {
  /** Somebody sent a `ping` without waiting for its reply. */
  "pong": Pong;
  /** Somebody posted a message. */
  "chat": {
    /** The sender's name. */
    readonly user: string;
    /** The message. */
    readonly text: string;
    /** When the server received it. Milliseconds since 1970. */
    readonly time: number;
  };
}

/** The channels. Rust: `chat::protocol::ChatChannel`. */
export interface Channels {
  /** Any valid name is a room that anybody may join. Newcomers see the messages that it keeps. */
  "{*name}": {
    name: string;
    commands: keyof Commands;
    events: keyof Events;
    history: true;
  };
}

/** The answer to `join-room`. Rust: `chat::protocol::Joined`. */
export interface Joined {
  /** The room. */
  readonly room: string;
  /** The number of connections in it. */
  readonly members: number;
}

/** The answer to `ping`. Rust: `chat::protocol::Pong`. */
export interface Pong {
  /** The server's clock. Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The types of this protocol, in one. Rust: `chat::protocol::Chat`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
  history: true;
}

/** What the client must know of this protocol when it runs. */
export declare const protocol: socket.Descriptor;

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export declare const Socket: socket.SocketClass<Protocol>;
