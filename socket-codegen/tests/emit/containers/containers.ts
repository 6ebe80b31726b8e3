// Made by socket-codegen 0.1.0 from the protocol `containers` (Rust: `cases::containers::Containers2`).
// Fingerprint: 8a9713a89a34b24d
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::containers::Command`. */
export interface Commands {
  "put": {
    channel?: never;
    param: ContainersInput;
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::containers::Event`. */
export interface Events {
  "got": Containers;
  "keys": {
    readonly keys: readonly Key[];
    readonly inline: readonly [readonly [number, Key], readonly [number, Key]];
  };
}

/** This protocol has none. */
export interface Channels {}

/** Rust: `cases::containers::Containers`. */
export interface Containers {
  readonly list: readonly string[];
  readonly lists: readonly (readonly (number | null)[])[];
  readonly set: readonly number[];
  readonly tuple: readonly [number, string | null, readonly boolean[]];
  readonly fixed: readonly [number, number, number];
  readonly long: readonly [number, number, number, number];
  readonly empty: readonly [];
  readonly map: {
    readonly [key: string]: number | null;
  };
  readonly by_number: {
    readonly [key: `${number}`]: string;
  };
  readonly by_signed: {
    readonly [key: `${number}`]: readonly string[];
  };
  readonly by_key: {
    readonly left?: number;
    readonly "upper-right"?: number;
  };
  readonly by_uuid: {
    readonly [key: string]: number;
  };
  readonly union_list: readonly Result_of_uint8_or_string[];
  readonly boxed: number;
  readonly any: JsonValue;
  readonly some_any: JsonValue;
  readonly object: {
    readonly [key: string]: JsonValue;
  };
  /** Format: `uuid`. */
  readonly ids: readonly string[];
  readonly letter: string;
  readonly numbers: readonly [number, number, number, number, number, number];
  readonly non_zero: number;
  /** Milliseconds since 1970. */
  readonly moment: number;
  /** When, in milliseconds. */
  readonly at: number | null;
  /** Format: `ip`. */
  readonly address: string;
  readonly range: Range_of_uint8;
}

/** Rust: `cases::containers::Containers`. */
export interface ContainersInput {
  list: string[];
  lists: (number | null)[][];
  set: number[];
  tuple: [number, string | null, boolean[]];
  fixed: [number, number, number];
  long: [number, number, number, number];
  empty: [];
  map: {
    [key: string]: number | null;
  };
  by_number: {
    [key: `${number}`]: string;
  };
  by_signed: {
    [key: `${number}`]: string[];
  };
  by_key: {
    left?: number;
    "upper-right"?: number;
  };
  by_uuid: {
    [key: string]: number;
  };
  union_list: Result_of_uint8_or_string[];
  boxed: number;
  any: JsonValue;
  some_any?: JsonValue;
  object: {
    [key: string]: JsonValue;
  };
  /** Format: `uuid`. */
  ids: string[];
  letter: string;
  numbers: [number, number, number, number, number, number];
  non_zero: number;
  /** Milliseconds since 1970. */
  moment: number;
  /** When, in milliseconds. */
  at?: number | null;
  /** Format: `ip`. */
  address: string;
  range: Range_of_uint8;
}

/** Rust: `cases::containers::Key`. */
export type Key = "left" | "upper-right";
export const Key = ["left", "upper-right"] as const;

export interface Range_of_uint8 {
  readonly start: number;
  readonly end: number;
}

export type Result_of_uint8_or_string =
  | {
      readonly Ok: number;
    }
  | {
      readonly Err: string;
    };

/** Any JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The types of this protocol, in one. Rust: `cases::containers::Containers2`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "containers",
    fingerprint: "8a9713a89a34b24d",
  },
  events: ["got", "keys"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
