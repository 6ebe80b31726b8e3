// Wire: what a frame holds, and how values from outside are read without trusting their types.

import type { Codec } from "./types.js";

/** The subprotocol that stands for the full mode of this protocol, version 1. */
export const SUBPROTOCOL = "socket.v1";

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
export const CONNECT_ID = 1;

export type Fields = { readonly [name: string]: unknown };

/** The fields of what may be no object: then there are none that anybody asks for. */
export function fieldsOf(value: unknown): Fields {
  return Object(value) as Fields;
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}

/** A command as text, `cmd` first. Fields without a value are not written. */
export function encode(
  cmd: string,
  channel?: string,
  param?: unknown,
  replacer?: Codec["replacer"],
  id?: number,
): string {
  return JSON.stringify({ cmd, channel, param, id }, replacer);
}

/** UTF-8 bytes, which is what the limits count. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
