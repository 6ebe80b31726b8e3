// Integers of 64 bits and more: text on the wire, `bigint` in the program. Emitted files of protocols that
// say `int = "bigint"` load this one; no other does.

import { reviving, type Descriptor } from "./socket.js";

/** Makes `bigint`s of the texts in a value: in place where it is an object or a list. */
export type Revive = (value: unknown) => unknown;

/** Revivers by name: of a field, a tag, an event. */
export interface Revivers {
  readonly [name: string]: Revive;
}

/** What the messages of a protocol hold. What is not named holds no `bigint`. */
export interface Tables {
  readonly event?: Revivers;
  /** By the command's name, as are the items of its stream and its errors. */
  readonly reply?: Revivers;
  /** Of a stream. */
  readonly item?: Revivers;
  readonly error?: Revivers;
}

/** What a protocol's constant takes of it. */
export type Codec = Required<Pick<Descriptor, "replacer" | "revive">>;

/** The codec of one protocol. */
export function codec(tables: Tables): Codec {
  /** A page of history holds events. */
  const past = fields({
    events: list((event) => {
      if (isObject(event)) event["param"] = apply(tables.event, event["cmd"], event["param"]);
      return event;
    }),
  });
  return {
    replacer: (_key, value) => (typeof value === "bigint" ? value.toString() : value),
    revive: reviving((what, name, value) =>
      name === ":history" ? past(value) : apply(tables[what], name, value),
    ),
  };
}

const DIGITS = /^-?\d+$/;

/** An integer, or `null` where the type says so. */
export const int: Revive = (value) => {
  if (value === null) return value;
  if (typeof value === "string" && DIGITS.test(value)) return BigInt(value);
  throw new TypeError(`${JSON.stringify(value)} is not an integer as text`);
};

/** An integer among other texts that are not digits, and among other values. */
export const mixed: Revive = (value) =>
  typeof value === "string" && DIGITS.test(value) ? BigInt(value) : value;

/** A field without integers, beside others that a map holds. */
export const keep: Revive = (value) => value;

/** Each item of a list. */
export function list(item: Revive): Revive {
  return (value) => {
    if (!Array.isArray(value)) return value;
    for (const [at, one] of value.entries()) value[at] = item(one);
    return value;
  };
}

/** The items of a list of fixed length, each in its place. */
export function tuple(...items: readonly Revive[]): Revive {
  return (value) => {
    if (!Array.isArray(value)) return value;
    for (const [at, one] of value.entries()) value[at] = (items[at] ?? keep)(one);
    return value;
  };
}

/** Fields by name, and what all others hold. */
export function fields(named: Revivers, others: Revive = keep): Revive {
  return (value) => {
    if (!isObject(value)) return value;
    for (const name of Object.keys(value)) {
      value[name] = (Object.hasOwn(named, name) ? (named[name] ?? keep) : others)(value[name]);
    }
    return value;
  };
}

/** The value of each key. */
export function map(each: Revive): Revive {
  return fields({}, each);
}

/** The forms of a union that a field tells apart. A form without integers is not named. */
export function tagged(tag: string, forms: Revivers): Revive {
  return (value) => (isObject(value) ? apply(forms, value[tag], value) : value);
}

/** Several at once, for what was put together from several types. */
export function all(...parts: readonly Revive[]): Revive {
  return (value) => parts.reduce((now, part) => part(now), value);
}

function apply(revivers: Revivers | undefined, name: unknown, value: unknown): unknown {
  if (typeof name !== "string" || !revivers || !Object.hasOwn(revivers, name)) return value;
  return (revivers[name] ?? keep)(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
