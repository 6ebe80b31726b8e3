// Made by socket-codegen 0.1.0 from the protocol `directions` (Rust: `cases::directions::Directions`).
// Fingerprint: d3c8440cd16a3227
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::directions::Command`. */
export interface Commands {
  "ask": {
    channel?: never;
    param: {
      same: Same;
      outer: OuterInput;
      only: OnlySent;
      converted: ConvertedInput;
    };
    reply: Outer;
    error: Refused;
  };
  "again": {
    channel?: never;
    param?: socket.Empty;
    reply: readonly Leaf[];
    error: Refused;
  };
  "third": {
    channel?: never;
    param: OuterInput;
    reply: OnlyReceived | null;
    error: Closed;
  };
  "count": {
    channel?: never;
    param?: socket.Empty;
    reply: number;
    error: never;
  };
}

/** Rust: `cases::directions::Event`. */
export interface Events {
  "told": {
    readonly same: Same;
    readonly only: OnlyReceived;
    readonly converted: Converted;
  };
  /**
   * Nothing more.
   *
   * @deprecated listen to `told`
   */
  "bare": socket.Empty;
}

/** This protocol has none. */
export interface Channels {}

/** One reason. Rust: `cases::directions::Closed`. */
export interface Closed {
  /** It is closed. */
  readonly code: "closed";
  readonly message: string;
}

/** Rust: `cases::directions::Converted`. */
export type Converted = number;

/** Rust: `cases::directions::Converted`. */
export type ConvertedInput = string;

/** Rust: `cases::directions::Differs`. */
export interface Differs {
  readonly same: Same;
  readonly n: number;
}

/** Rust: `cases::directions::Differs`. */
export interface DiffersInput {
  same: Same;
  n?: number;
}

/** Rust: `cases::directions::Leaf`. */
export interface Leaf {
  readonly n: number;
}

/** Rust: `cases::directions::OnlyReceived`. */
export interface OnlyReceived {
  readonly a: number | null;
  readonly list: readonly number[];
}

/** Rust: `cases::directions::OnlySent`. */
export interface OnlySent {
  a?: number | null;
  list: number[];
}

/** It differs by what it holds alone. Rust: `cases::directions::Outer`. */
export interface Outer {
  readonly differs: Differs;
}

/** It differs by what it holds alone. Rust: `cases::directions::Outer`. */
export interface OuterInput {
  differs: DiffersInput;
}

/** Why not. Rust: `cases::directions::Refused`. */
export type Refused =
  | {
      /** Later. */
      readonly code: "busy";
      readonly message: string;
      readonly data: {
        readonly retry_ms: number;
        readonly same: Same;
      };
    }
  | {
      /**
       * Never.
       *
       * @deprecated
       */
      readonly code: "gone";
      readonly message: string;
    };

/** Rust: `cases::directions::Same`. */
export interface Same {
  readonly a: string;
  readonly b: readonly Leaf[];
}

/** The types of this protocol, in one. Rust: `cases::directions::Directions`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "directions",
    fingerprint: "d3c8440cd16a3227",
  },
  events: ["told", "bare"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
