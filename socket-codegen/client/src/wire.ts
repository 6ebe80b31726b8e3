// Wire: what a frame holds. The one place where bytes from outside become values that can be trusted.

import { SocketError } from "./errors.js";
import type { Codec, EventMessage } from "./types.js";

/** The subprotocol that stands for the full mode of this protocol, version 1. */
export const SUBPROTOCOL = "socket.v1";

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
export const CONNECT_ID = 1;

export type Fields = { readonly [name: string]: unknown };

export type Incoming =
  | {
      readonly kind: "event";
      readonly channel: string;
      readonly event: EventMessage<string, unknown>;
    }
  | { readonly kind: "reply"; readonly re: number; readonly param: unknown }
  | { readonly kind: "error"; readonly re: number; readonly error: Fields }
  | { readonly kind: "bad"; readonly reason: string };

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function field(value: unknown, name: string): unknown {
  return isFields(value) ? value[name] : undefined;
}

export function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}

/** Takes a frame apart. A bad element is one `bad`; the others still count. */
export function decode(data: unknown, codec?: Codec): Incoming[] {
  if (typeof data !== "string") return [bad("a frame that is not text")];
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch {
    return [bad(`a frame that is not JSON: ${data.slice(0, 80)}`)];
  }
  if (!Array.isArray(frame)) return [element(frame, codec)];
  return frame.length > 0 ? frame.map((one) => element(one, codec)) : [bad("an empty array")];
}

function element(value: unknown, codec?: Codec): Incoming {
  const [re, error, cmd] = [field(value, "re"), field(value, "error"), field(value, "cmd")];
  if (re !== undefined) {
    if (typeof re !== "number") return bad("a reply whose `re` is not a number");
    if (error === undefined) return { kind: "reply", re, param: field(value, "param") ?? {} };
    if (!isFields(error)) return bad("a reply whose `error` is not an object");
    return { kind: "error", re, error };
  }
  if (!isFields(value) || typeof cmd !== "string") return bad("neither an event nor a reply");
  const channel = field(value, "channel") ?? "";
  if (typeof channel !== "string")
    return bad(`the event ${cmd} with a \`channel\` that is no text`);
  const param = revive(codec, "event", cmd, field(value, "param") ?? {});
  if (param instanceof SocketError) return bad(param.message);
  // The same object goes to every handler, with `param` there even if the server left it out.
  return { kind: "event", channel, event: { ...value, cmd, param } };
}

/** The value as the program sees it, or an error where it is none of its type's. */
export function revive(
  codec: Codec | undefined,
  what: "event" | "reply" | "error",
  name: string,
  value: unknown,
): unknown {
  try {
    return codec?.revive(what, name, value) ?? value;
  } catch (cause) {
    return new SocketError("message", `the ${what} ${name} with ${cause}`, { cause });
  }
}

function bad(reason: string): Incoming {
  return { kind: "bad", reason };
}

/** A command as text, `cmd` first. Fields without a value are not written. */
export function encode(
  cmd: string,
  channel: string | undefined,
  param: unknown,
  codec?: Codec,
): string {
  return JSON.stringify({ cmd, channel: channel || undefined, param }, codec?.replacer);
}

/** Adds fields to a command that is text already: its id is known only when it is sent. */
export function withFields(
  text: string,
  fields: { id: number; timeout?: number | undefined },
): string {
  return `${text.slice(0, -1)},${JSON.stringify(fields).slice(1)}`;
}

/** UTF-8 bytes, which is what the limits count. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
