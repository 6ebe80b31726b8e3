// Made by socket-codegen 0.1.0 from the protocol `tagging` (Rust: `cases::tagging::Tagging`).
// Fingerprint: 2d2ef7cceb17d8b0
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** Rust: `cases::tagging::Command`. */
export interface Commands {
  "send": {
    channel?: never;
    param: {
      external: ExternalInput;
      internal: Internal;
      adjacent: Adjacent;
      untagged: Untagged;
      color: Color;
      level?: Level | null;
    };
    reply: socket.Empty;
    error: never;
  };
  "whole": {
    channel?: never;
    param: Inner;
    reply: socket.Empty;
    error: never;
  };
}

/** Rust: `cases::tagging::Event`. */
export interface Events {
  "sent": {
    readonly external: External;
    readonly internal: Internal;
    readonly adjacent: Adjacent;
    readonly untagged: Untagged;
    readonly color: Color;
    readonly levels: readonly Level[];
  };
  "shape": Internal;
}

/** This protocol has none. */
export interface Channels {}

/** Rust: `cases::tagging::Adjacent`. */
export type Adjacent =
  | {
      readonly t: "Unit";
    }
  | {
      readonly t: "New";
      readonly c: number | null;
    }
  | {
      readonly t: "Pair";
      readonly c: readonly [number, number];
    }
  | {
      readonly t: "Struct";
      readonly c: {
        readonly a: number;
      };
    }
  | {
      readonly t: "Nothing";
      readonly c: socket.Empty;
    };

/** The colours. Rust: `cases::tagging::Color`. */
export type Color = "red" | "dark-blue" | "say \"hi\"";
export const Color = ["red", "dark-blue", "say \"hi\""] as const;

/** Externally tagged, with a note for each. Rust: `cases::tagging::External`. */
export type External =
  /** Nothing more to say. */
  | "Unit"
  | {
      /** A number. */
      readonly New: number;
    }
  | {
      readonly Pair: readonly [number, string];
    }
  | {
      /** Fields. */
      readonly Struct: {
        readonly a: boolean;
        readonly b: string | null;
      };
    }
  /** @deprecated */
  | "Old";

/** Externally tagged, with a note for each. Rust: `cases::tagging::External`. */
export type ExternalInput =
  /** Nothing more to say. */
  | "Unit"
  | {
      /** A number. */
      New: number;
    }
  | {
      Pair: [number, string];
    }
  | {
      /** Fields. */
      Struct: {
        a: boolean;
        b?: string | null;
      };
    }
  /** @deprecated */
  | "Old";

/** Rust: `cases::tagging::Hollow`. */
export type Hollow = socket.Empty;

/** Rust: `cases::tagging::Inner`. */
export interface Inner {
  readonly width: number;
  readonly height: number;
}

/** Rust: `cases::tagging::Internal`. */
export type Internal =
  | {
      /** A circle. */
      readonly type: "circle";
      readonly radius: number;
    }
  | {
      readonly type: "unit-shape";
    }
  | ({
      readonly type: "boxed";
    } & Inner)
  | {
      readonly type: "hollow";
    }
  | {
      readonly type: "open";
      readonly [key: string]: number | "open";
    };

/** Colours with words. Rust: `cases::tagging::Level`. */
export type Level =
  /** It goes on. */
  | "Info"
  /**
   * It stops.
   *
   * @deprecated
   */
  | "Fatal";
export const Level = ["Info", "Fatal"] as const;

/** Rust: `cases::tagging::Untagged`. */
export type Untagged =
  | number
  | string
  | {
      readonly n: number;
      readonly s: string;
    };

/** The types of this protocol, in one. Rust: `cases::tagging::Tagging`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "tagging",
    fingerprint: "2d2ef7cceb17d8b0",
  },
  events: ["sent", "shape"],
  idempotent: [],
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
