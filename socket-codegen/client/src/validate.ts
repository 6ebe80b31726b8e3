// Validators: JSON Schemas, as they cross the wire, behind the interface of Standard Schema
// (https://standardschema.dev), version 1. Nothing here is loaded by a program that does not ask for it.

import { type Descriptor, reviving } from "./index.js";

/** Where a value stands, from the message's root. */
export type Path = readonly (string | number)[];

/** What is wrong with a value, and where. */
export interface Issue {
  readonly message: string;
  readonly path: Path;
}

/** The value, typed; or what is wrong with it. */
export type Result<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** A Standard Schema: what form libraries and tRPC-like tools take, and what calls you can make. */
export interface Validator<T> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "socket-codegen";
    readonly validate: (value: unknown) => Result<T>;
    readonly types?: { readonly input: T; readonly output: T } | undefined;
  };
}

/** The validators of what a protocol receives, by the names of its messages. */
export interface Checks {
  readonly event?: ByName;
  /** By the command's name, as are the items of its stream. */
  readonly reply?: ByName;
  readonly item?: ByName;
}

interface ByName {
  readonly [name: string]: Validator<unknown>;
}

/**
 * A protocol whose sockets check what they receive: `define<Protocol>(checked(protocol, checks))`. An event
 * that breaks its type goes to `onError` instead of your handlers, with what is wrong and where; a reply
 * ends its call with a `SocketError` whose code is `message`. Errors are not checked: a newer server may
 * have codes that this page does not know.
 */
export function checked(protocol: Descriptor, checks: Checks): Descriptor {
  const check = (what: keyof Checks, name: unknown, value: unknown) => {
    const table = checks[what];
    if (!table || typeof name !== "string" || !Object.hasOwn(table, name)) return;
    const { issues = [] } = table[name]?.["~standard"].validate(value) ?? {};
    if (issues.length === 0) return;
    throw new Error(issues.map(({ path, message }) => [...path, message].join(" ")).join("; "));
  };
  const checkPage = (page: unknown) => {
    const { events } = (page ?? {}) as { events?: unknown };
    for (const event of Array.isArray(events) ? events : []) {
      try {
        check("event", event?.cmd, event?.param ?? {});
      } catch (error) {
        throw new Error(`event ${event.cmd}: ${(error as Error).message}`);
      }
    }
  };
  const checking = reviving((what, name, value) => {
    if (name === ":history") checkPage(value);
    else if (what !== "error") check(what, name, value);
    return value;
  });
  return {
    ...protocol,
    revive: (message, calls) => checking(protocol.revive?.(message, calls) ?? message, calls),
  };
}

type Named = { readonly [name: string]: Schema };

/** A JSON Schema, its references resolved by calling them. */
export type Schema =
  | boolean
  | {
      readonly $ref?: () => Schema;
      readonly type?: string | readonly string[];
      readonly const?: unknown;
      readonly enum?: readonly unknown[];
      readonly properties?: Named;
      readonly patternProperties?: Named;
      readonly additionalProperties?: Schema;
      readonly propertyNames?: Schema;
      readonly required?: readonly string[];
      readonly minProperties?: number;
      readonly maxProperties?: number;
      readonly items?: Schema;
      readonly prefixItems?: readonly Schema[];
      readonly minItems?: number;
      readonly maxItems?: number;
      readonly uniqueItems?: boolean;
      readonly anyOf?: readonly Schema[];
      readonly oneOf?: readonly Schema[];
      readonly allOf?: readonly Schema[];
      readonly not?: Schema;
      readonly minimum?: number | bigint;
      readonly maximum?: number | bigint;
      readonly exclusiveMinimum?: number | bigint;
      readonly exclusiveMaximum?: number | bigint;
      readonly multipleOf?: number;
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly pattern?: string;
    };

type Rules = Exclude<Schema, boolean>;

/** What is wrong: a field that is missing or too much, a constant (a union's tag), or a value. */
type Kind = "field" | "tag" | "value";

interface Found extends Issue {
  readonly kind: Kind;
}

/** The validator of a schema. */
export function validator<T>(schema: Schema): Validator<T> {
  return {
    "~standard": {
      version: 1,
      vendor: "socket-codegen",
      validate(value): Result<T> {
        const issues = check(schema, value, []);
        if (issues.length > 0)
          return { issues: issues.map(({ message, path }) => ({ message, path })) };
        return { value: value as T };
      },
    },
  };
}

function check(schema: Schema, value: unknown, path: Path): Found[] {
  if (typeof schema === "boolean") return schema ? [] : [found(path, "must not be there", "field")];
  const issues = schema.$ref ? check(schema.$ref(), value, path) : [];
  const kind = kindOf(value);
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  if (types && !types.some((type) => type === kind || (type === "number" && kind === "integer")))
    return [...issues, found(path, `must be ${types.join(" or ")}, is ${kind}`)];
  if ("const" in schema && !same(schema.const, value))
    issues.push(found(path, `must be ${JSON.stringify(schema.const)}`, "tag"));
  if (schema.enum && !schema.enum.some((one) => same(one, value))) {
    const all = schema.enum.map((one) => JSON.stringify(one)).join(", ");
    issues.push(found(path, `must be one of ${all}`));
  }
  if (typeof value === "number" || typeof value === "bigint")
    issues.push(...checkNumber(schema, value, path));
  if (typeof value === "string") issues.push(...checkText(schema, value, path));
  if (Array.isArray(value)) issues.push(...checkArray(schema, value, path));
  else if (typeof value === "object" && value !== null)
    issues.push(...checkObject(schema, value, path));
  for (const one of schema.allOf ?? []) issues.push(...check(one, value, path));
  if (schema.anyOf) issues.push(...checkUnion(schema.anyOf, value, path, false));
  if (schema.oneOf) issues.push(...checkUnion(schema.oneOf, value, path, true));
  if (schema.not !== undefined && check(schema.not, value, path).length === 0)
    issues.push(found(path, "has a form that is excluded"));
  return issues;
}

function found(path: Path, message: string, kind: Kind = "value"): Found {
  return { message, path, kind };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return typeof value;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return left.length === right.size && left.every(([key, one]) => same(one, right.get(key)));
}

function checkNumber(schema: Rules, value: number | bigint, path: Path): Found[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const issues: Found[] = [];
  if (typeof value === "number" && !Number.isFinite(value))
    issues.push(found(path, "must be a finite number"));
  if (minimum !== undefined && value < minimum)
    issues.push(found(path, `must be at least ${minimum}`));
  if (maximum !== undefined && value > maximum)
    issues.push(found(path, `must be at most ${maximum}`));
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    issues.push(found(path, `must be more than ${exclusiveMinimum}`));
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    issues.push(found(path, `must be less than ${exclusiveMaximum}`));
  if (multipleOf !== undefined && !Number.isInteger(Number(value) / multipleOf))
    issues.push(found(path, `must be a multiple of ${multipleOf}`));
  return issues;
}

function checkText(schema: Rules, value: string, path: Path): Found[] {
  const { minLength, maxLength, pattern } = schema;
  const issues: Found[] = [];
  // Counted as Rust counts them: by code points.
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (minLength !== undefined && length < minLength)
    issues.push(found(path, `must have at least ${minLength} characters`));
  if (maxLength !== undefined && length > maxLength)
    issues.push(found(path, `must have at most ${maxLength} characters`));
  if (pattern !== undefined && !new RegExp(pattern, "u").test(value))
    issues.push(found(path, `must match ${pattern}`));
  return issues;
}

function checkArray(schema: Rules, value: readonly unknown[], path: Path): Found[] {
  const { prefixItems = [], items, minItems, maxItems } = schema;
  const issues: Found[] = [];
  if (minItems !== undefined && value.length < minItems)
    issues.push(found(path, `must have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems)
    issues.push(found(path, `must have at most ${maxItems} items`));
  if (schema.uniqueItems && value.some((one, at) => value.slice(0, at).some((b) => same(one, b))))
    issues.push(found(path, "must not have an item twice"));
  value.forEach((one, at) => {
    const rule = prefixItems[at] ?? items;
    if (rule !== undefined) issues.push(...check(rule, one, [...path, at]));
  });
  return issues;
}

function checkObject(schema: Rules, value: object, path: Path): Found[] {
  const { minProperties, maxProperties, propertyNames, additionalProperties } = schema;
  const properties = new Map(Object.entries(schema.properties ?? {}));
  const patterns = Object.entries(schema.patternProperties ?? {});
  const entries = Object.entries(value);
  const issues: Found[] = [];
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name)) issues.push(found([...path, name], "is missing", "field"));
  if (minProperties !== undefined && entries.length < minProperties)
    issues.push(found(path, `must have at least ${minProperties} fields`));
  if (maxProperties !== undefined && entries.length > maxProperties)
    issues.push(found(path, `must have at most ${maxProperties} fields`));
  for (const [name, one] of entries) {
    const at = [...path, name];
    if (propertyNames !== undefined && check(propertyNames, name, at).length > 0)
      issues.push(found(at, "is not a name that is known"));
    const rules = patterns.filter(([pattern]) => new RegExp(pattern, "u").test(name));
    const own = properties.get(name);
    if (own !== undefined) issues.push(...check(own, one, at));
    for (const [, rule] of rules) issues.push(...check(rule, one, at));
    if (own === undefined && rules.length === 0 && additionalProperties !== undefined)
      issues.push(...check(additionalProperties, one, at));
  }
  return issues;
}

function checkUnion(members: readonly Schema[], value: unknown, path: Path, one: boolean): Found[] {
  const all = members.map((member) => check(member, value, path));
  const fitting = all.filter((issues) => issues.length === 0).length;
  if (fitting === 1 || (fitting > 1 && !one)) return [];
  if (fitting > 1) return [found(path, `fits ${fitting} forms, and must fit one`)];
  // The member that was meant is the one that is nearest, if its tag fits and no other is as near.
  const distances = all.map((issues) => distance(issues, path));
  const least = Math.min(...distances);
  const nearest = all.filter((_, at) => distances[at] === least);
  const [issues] = nearest;
  if (issues && (members.length === 1 || (nearest.length === 1 && least < FAR))) return issues;
  return [found(path, `fits none of ${members.length} forms`)];
}

/** From here on a member of a union is not the one that was meant. */
const FAR = 1000;

/** How far a value is from a member of a union: another kind of value, another tag, other fields. */
function distance(issues: readonly Found[], path: Path): number {
  let sum = 0;
  for (const { path: at, kind } of issues) {
    if (at.length === path.length) sum += FAR * FAR;
    else if (at.length === path.length + 1) sum += { tag: FAR, field: 1, value: 0 }[kind];
  }
  return sum;
}
