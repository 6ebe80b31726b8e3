// Made by socket-codegen 0.1.0 from the protocol `fields` (Rust: `cases::fields::Fields`).
// Fingerprint: e45bdc503f41d6d1
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::fields::Command`. */
export interface Commands {
  "optionals": {
    channel?: never;
    param: OptionalInput;
    reply: socket.Empty;
    error: never;
  };
  "all-optional": {
    channel?: never;
    param?: {
      a?: number;
      b?: number | null;
    };
    reply: socket.Empty;
    error: never;
  };
  "parts": {
    channel?: never;
    param: {
      unit: Unit;
      no_fields: NoFields;
      name: Name;
      age: Age;
      pair: Pair;
      nothing: null;
    };
    reply: socket.Empty;
    error: never;
  };
  "flats": {
    channel?: never;
    param: {
      flat: FlatInput;
      kind: FlatKind;
      map: FlatMapInput;
      any: FlatAnyInput;
      option: FlatOption;
      tree: TreeInput;
    };
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::fields::Event`. */
export interface Events {
  "optionals": Optional;
  "parts": {
    readonly unit: Unit;
    readonly no_fields: NoFields;
    readonly name: Name;
    readonly age: Age;
    readonly pair: Pair;
    readonly nothing: null;
  };
  "flats": {
    readonly flat: Flat;
    readonly kind: FlatKind;
    readonly map: FlatMap;
    readonly any: FlatAny;
    readonly option: FlatOption;
    readonly tree: Tree;
  };
}

/** This protocol has none. */
export interface Channels {}

/** Rust: `cases::fields::Age`. */
export type Age = number;

/** Rust: `cases::fields::Base`. */
export interface Base {
  /** Format: `uuid`. */
  readonly id: string;
  readonly note: string | null;
}

/** Rust: `cases::fields::Base`. */
export interface BaseInput {
  /** Format: `uuid`. */
  id: string;
  note?: string | null;
}

/** Rust: `cases::fields::Flat`. */
export type Flat = {
  readonly first: boolean;
  /** Format: `uuid`. */
  readonly id: string;
  readonly note: string | null;
} & (
  | {
      readonly kind: "A";
      readonly x: number;
    }
  | {
      readonly kind: "B";
    }
);

/** Rust: `cases::fields::FlatAny`. */
export interface FlatAny {
  readonly a: Base;
  readonly [key: string]: unknown;
}

/** Rust: `cases::fields::FlatAny`. */
export interface FlatAnyInput {
  a: BaseInput;
  [key: string]: unknown;
}

/** Rust: `cases::fields::Flat`. */
export type FlatInput = {
  first: boolean;
  /** Format: `uuid`. */
  id: string;
  note?: string | null;
} & (
  | {
      kind: "A";
      x: number;
    }
  | {
      kind: "B";
    }
);

/** Rust: `cases::fields::FlatKind`. */
export type FlatKind = {
  readonly extra: number;
} & (
  | {
      readonly Sized: number;
    }
  | {
      readonly Named: {
        readonly name: string;
      };
    }
  | {
      readonly Plain: null;
    }
);

/** Rust: `cases::fields::FlatMap`. */
export interface FlatMap {
  readonly a: string;
  readonly b: boolean | null;
  readonly [key: string]: number | string | boolean | null;
}

/** Rust: `cases::fields::FlatMap`. */
export interface FlatMapInput {
  a: string;
  b?: boolean | null;
  [key: string]: number | string | boolean | null | undefined;
}

/** Rust: `cases::fields::FlatOption`. */
export type FlatOption = {
  readonly a: number;
  /** Format: `uuid`. */
  readonly id?: string;
  readonly note?: string | null;
} & (
  | {
      readonly kind: "A";
      readonly x: number;
    }
  | {
      readonly kind: "B";
    }
  | {}
);

/** Rust: `cases::fields::Name`. */
export type Name = string;

/** Rust: `cases::fields::NoFields`. */
export type NoFields = socket.Empty;

/** All the ways in which a field may be missing. Rust: `cases::fields::Optional`. */
export interface Optional {
  readonly plain: number;
  readonly option: number | null;
  readonly skipped?: number | null;
  readonly defaulted: number;
  readonly both?: string | null;
  readonly twice: boolean | null;
  readonly only_out: number;
  readonly "kebab-name": string;
  readonly out: string;
  /**
   * Ends a comment *\/ early.
   *
   * And goes on.
   *
   * @deprecated
   */
  readonly documented: string;
}

/** All the ways in which a field may be missing. Rust: `cases::fields::Optional`. */
export interface OptionalInput {
  plain: number;
  option?: number | null;
  skipped?: number | null;
  defaulted?: number;
  both?: string | null;
  twice?: boolean | null;
  only_in?: number | null;
  "kebab-name": string;
  in: string;
  /**
   * Ends a comment *\/ early.
   *
   * And goes on.
   *
   * @deprecated
   */
  documented: string;
}

/** Rust: `cases::fields::Pair`. */
export type Pair = readonly [number, string | null];

/** A tree. Rust: `cases::fields::Tree`. */
export interface Tree {
  readonly value: number;
  readonly children: readonly Tree[];
  readonly parent: Tree | null;
}

/** A tree. Rust: `cases::fields::Tree`. */
export interface TreeInput {
  value: number;
  children: TreeInput[];
  parent?: TreeInput | null;
}

/** Rust: `cases::fields::Unit`. */
export type Unit = null;

/** The types of this protocol, in one. Rust: `cases::fields::Fields`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "fields",
    fingerprint: "e45bdc503f41d6d1",
  },
  events: ["optionals", "parts", "flats"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
