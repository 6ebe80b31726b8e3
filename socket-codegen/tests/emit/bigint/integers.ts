// Made by socket-codegen 0.1.0 from the protocol `integers` (Rust: `integers::Integers`).
// Fingerprint: 1487933842126b21
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as integers from "./socket.bigint.js";
import * as socket from "./socket.js";

/** Rust: `integers::Command`. */
export interface Commands {
  /** Gives it back, and tells it everybody. */
  "echo": {
    channel?: never;
    param: EverythingInput;
    reply: Everything;
    error: Refusal;
  };
  "numbers": {
    channel?: never;
    param: Numbers;
    reply: Numbers;
    error: never;
  };
  "texts": {
    channel?: never;
    param: Texts;
    reply: Texts;
    error: never;
  };
  /** The fields of a command. */
  "add": {
    channel?: never;
    param: {
      /** A Rust `i64`. */
      a: bigint;
      /** A Rust `i64`. */
      b?: bigint | null;
    };
    reply: Sum;
    error: never;
  };
  /** Always refused. */
  "refuse": {
    channel?: never;
    param: {
      /** A Rust `u64`. */
      limit: bigint;
    };
    reply: socket.Empty;
    error: Refusal;
  };
  /** A number that JavaScript would round. */
  "beyond": {
    channel?: never;
    param?: socket.Empty;
    reply: Numbers;
    error: never;
  };
  /** What becomes of NaN: in an event, and then in the reply. */
  "nan": {
    channel?: never;
    param: {
      reply: boolean;
    };
    reply: Words;
    error: never;
  };
}

/** Rust: `integers::Event`. */
export interface Events {
  "echoed": Everything;
  "measured": {
    readonly value: readonly number[] | null;
  };
  "counted": {
    /** A Rust `u64`. */
    readonly count: bigint;
  };
}

/** This protocol has none. */
export interface Channels {}

/** Every integer of it is `bigint`. Rust: `integers::Account`. */
export interface Account {
  /** A Rust `u64`. */
  readonly id: bigint;
  /** What is on it. A Rust `i64`. */
  readonly balance: bigint;
  /** A Rust `u128`. */
  readonly huge: bigint;
  /** A Rust `u64`. */
  readonly limit: bigint | null;
  /** A Rust `i64`. */
  readonly changes: readonly bigint[];
  readonly last: readonly [bigint, bigint];
  /** A Rust `u64`. */
  readonly seen: readonly bigint[];
  /** A Rust `i128`. */
  readonly by_day: {
    readonly [key: string]: bigint;
  };
  /** A Rust `u64`. */
  readonly deep: {
    readonly [key: string]: readonly (bigint | null)[];
  };
  readonly age: {
    /** A Rust `u64`. */
    readonly secs: bigint;
    readonly nanos: number;
  };
  readonly parent: Account | null;
  /** Exact, since keys are text. */
  readonly keys: {
    readonly [key: `${number}`]: boolean;
  };
  readonly name: string;
}

/** Every integer of it is `bigint`. Rust: `integers::Account`. */
export interface AccountInput {
  /** A Rust `u64`. */
  id: bigint;
  /** What is on it. A Rust `i64`. */
  balance: bigint;
  /** A Rust `u128`. */
  huge: bigint;
  /** A Rust `u64`. */
  limit?: bigint | null;
  /** A Rust `i64`. */
  changes: bigint[];
  last: [bigint, bigint];
  /** A Rust `u64`. */
  seen: bigint[];
  /** A Rust `i128`. */
  by_day: {
    [key: string]: bigint;
  };
  /** A Rust `u64`. */
  deep: {
    [key: string]: (bigint | null)[];
  };
  age: {
    /** A Rust `u64`. */
    secs: bigint;
    nanos: number;
  };
  parent?: AccountInput | null;
  /** Exact, since keys are text. */
  keys: {
    [key: `${number}`]: boolean;
  };
  name: string;
}

/** Beside the tag. Rust: `integers::Beside`. */
export type Beside =
  | {
      readonly t: "Digits";
      readonly c: string;
    }
  | {
      readonly t: "Number";
      /** A Rust `u64`. */
      readonly c: bigint;
    }
  | {
      readonly t: "Maybe";
      /** A Rust `u64`. */
      readonly c: bigint | null;
    };

/** Beside the tag. Rust: `integers::Beside`. */
export type BesideInput =
  | {
      t: "Digits";
      c: string;
    }
  | {
      t: "Number";
      /** A Rust `u64`. */
      c: bigint;
    }
  | {
      t: "Maybe";
      /** A Rust `u64`. */
      c?: bigint | null;
    };

/** Told apart by their keys. Rust: `integers::Change`. */
export type Change =
  | "Nothing"
  | {
      /** A Rust `i64`. */
      readonly By: bigint;
    }
  | {
      readonly To: {
        /** A Rust `i64`. */
        readonly amount: bigint;
        readonly why: string;
      };
    }
  | {
      readonly Each: readonly Entry[];
    };

/** Told apart by their keys. Rust: `integers::Change`. */
export type ChangeInput =
  | "Nothing"
  | {
      /** A Rust `i64`. */
      By: bigint;
    }
  | {
      To: {
        /** A Rust `i64`. */
        amount: bigint;
        why: string;
      };
    }
  | {
      Each: EntryInput[];
    };

/** Told apart by a tag; two forms have the same field of different types. Rust: `integers::Entry`. */
export type Entry =
  | {
      readonly kind: "paid";
      /** A Rust `u64`. */
      readonly amount: bigint;
    }
  | {
      readonly kind: "note";
      readonly amount: string;
    }
  | ({
      readonly kind: "opened";
    } & Limits)
  | {
      readonly kind: "closed";
    };

/** Told apart by a tag; two forms have the same field of different types. Rust: `integers::Entry`. */
export type EntryInput =
  | {
      kind: "paid";
      /** A Rust `u64`. */
      amount: bigint;
    }
  | {
      kind: "note";
      amount: string;
    }
  | ({
      kind: "opened";
    } & LimitsInput)
  | {
      kind: "closed";
    };

/** Where they are all of them. Rust: `integers::Everything`. */
export interface Everything {
  readonly account: Account;
  readonly entries: readonly Entry[];
  readonly changes: readonly Change[];
  readonly beside: readonly Beside[];
  readonly kinds: readonly Kind[];
  readonly flat: Flat;
  readonly pair: readonly [Account, string];
  readonly by_name: {
    readonly [key: string]: Change;
  };
}

/** Where they are all of them. Rust: `integers::Everything`. */
export interface EverythingInput {
  account: AccountInput;
  entries: EntryInput[];
  changes: ChangeInput[];
  beside: BesideInput[];
  kinds: Kind[];
  flat: FlatInput;
  pair: [AccountInput, string];
  by_name: {
    [key: string]: ChangeInput;
  };
}

/** Beside fields of other types. Rust: `integers::Flat`. */
export type Flat = {
  readonly name: string;
} & (
  | {
      readonly kind: "paid";
      /** A Rust `u64`. */
      readonly amount: bigint;
    }
  | {
      readonly kind: "note";
      readonly amount: string;
    }
  | ({
      readonly kind: "opened";
    } & Limits)
  | {
      readonly kind: "closed";
    }
);

/** Beside fields of other types. Rust: `integers::Flat`. */
export type FlatInput = {
  name: string;
} & (
  | {
      kind: "paid";
      /** A Rust `u64`. */
      amount: bigint;
    }
  | {
      kind: "note";
      amount: string;
    }
  | ({
      kind: "opened";
    } & LimitsInput)
  | {
      kind: "closed";
    }
);

/** Told apart by the kind of JSON. Rust: `integers::Kind`. */
export type Kind =
  | number
  | bigint
  | readonly bigint[]
  | {
      /** A Rust `u64`. */
      readonly a: bigint;
    };

/** Rust: `integers::Limits`. */
export interface Limits {
  /** A Rust `i64`. */
  readonly least: bigint;
  /** A Rust `u64`. */
  readonly most: bigint | null;
}

/** Rust: `integers::Limits`. */
export interface LimitsInput {
  /** A Rust `i64`. */
  least: bigint;
  /** A Rust `u64`. */
  most?: bigint | null;
}

/** As numbers. Rust: `integers::Numbers`. */
export interface Numbers {
  /** A Rust `u64`, at most 2^53 - 1. */
  readonly unsigned: number;
  /** A Rust `i64`, at most 2^53 - 1 either way. */
  readonly signed: number;
}

/** Rust: `integers::Refusal`. */
export interface Refusal {
  /** Over the limit. */
  readonly code: "over";
  readonly message: string;
  readonly data: {
    /** A Rust `u64`. */
    readonly limit: bigint;
  };
}

/** Rust: `integers::Sum`. */
export interface Sum {
  /** A Rust `i64`. */
  readonly sum: bigint;
}

/** As text in TypeScript too. Rust: `integers::Texts`. */
export interface Texts {
  /** The digits of a Rust `u64`: `BigInt(text)` counts with it. */
  readonly unsigned: string;
  /** The digits of a Rust `i64`: `BigInt(text)` counts with it. */
  readonly signed: string;
  /** The digits of a Rust `i128`: `BigInt(text)` counts with it. */
  readonly huge: string;
}

/** Called otherwise in TypeScript, with a field that says more there than the wire does. Rust: `integers::Said`. */
export interface Words {
  readonly said: string & { readonly brand?: "said" };
  readonly value: number;
}

/** The types of this protocol, in one. Rust: `integers::Integers`. */
export interface Protocol {
  commands: Commands;
  events: Events;
  channels: Channels;
}

const $Account: integers.Revive = integers.fields({
  id: integers.int,
  balance: integers.int,
  huge: integers.int,
  limit: integers.int,
  changes: integers.list(integers.int),
  last: integers.tuple(integers.int, integers.int),
  seen: integers.list(integers.int),
  by_day: integers.map(integers.int),
  deep: integers.map(integers.list(integers.int)),
  age: integers.fields({
    secs: integers.int,
  }),
  parent: (value) => $Account(value),
});

const $Beside: integers.Revive = integers.tagged("t", {
  Number: integers.fields({
    c: integers.int,
  }),
  Maybe: integers.fields({
    c: integers.int,
  }),
});

const $Change: integers.Revive = integers.fields({
  By: integers.int,
  To: integers.fields({
    amount: integers.int,
  }),
  Each: integers.list((value) => $Entry(value)),
});

const $Entry: integers.Revive = integers.tagged("kind", {
  paid: integers.fields({
    amount: integers.int,
  }),
  opened: (value) => $Limits(value),
});

const $Everything: integers.Revive = integers.fields({
  account: $Account,
  entries: integers.list($Entry),
  changes: integers.list($Change),
  beside: integers.list($Beside),
  kinds: integers.list((value) => $Kind(value)),
  flat: (value) => $Flat(value),
  pair: integers.tuple($Account, integers.keep),
  by_name: integers.map($Change),
});

const $Flat: integers.Revive = integers.tagged("kind", {
  paid: integers.fields({
    amount: integers.int,
  }),
  opened: (value) => $Limits(value),
});

const $Kind: integers.Revive = integers.all(integers.mixed, integers.list(integers.int), integers.fields({
  a: integers.int,
}));

const $Limits: integers.Revive = integers.fields({
  least: integers.int,
  most: integers.int,
});

const $Refusal: integers.Revive = integers.tagged("code", {
  over: integers.fields({
    data: integers.fields({
      limit: integers.int,
    }),
  }),
});

const $Sum: integers.Revive = integers.fields({
  sum: integers.int,
});

/** Where the `bigint`s stand in what is received: they cross the wire as text. */
const codec: integers.Codec = /* @__PURE__ */ integers.codec({
  event: {
    echoed: $Everything,
    counted: integers.fields({
      count: integers.int,
    }),
  },
  reply: {
    echo: $Everything,
    add: $Sum,
  },
  error: {
    echo: $Refusal,
    refuse: $Refusal,
  },
});

/** What the client must know of this protocol when it runs. */
export const protocol: socket.Descriptor = {
  id: {
    name: "integers",
    fingerprint: "1487933842126b21",
  },
  events: ["echoed", "measured", "counted"],
  idempotent: [],
  ...codec,
};

/** One event of the server: switch over `cmd`, and a new one stops your code from compiling. */
export type Message = socket.Message<Protocol>;

/** One channel, by its pattern: `Channel<"room:{room}">`. */
export type Channel<Pattern extends keyof Channels> = socket.Channel<Protocol, Pattern>;

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export type Socket = socket.Socket<Protocol>;
export const Socket: socket.SocketClass<Protocol> = /* @__PURE__ */ socket.define(protocol);
