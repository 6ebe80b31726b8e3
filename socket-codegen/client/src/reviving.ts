// Reviving: what a definition declares within the messages that come. Who needs values that JSON has no words
// for, or checks what comes, imports it; nobody else.

import { SocketError } from "./errors.js";
import type { Revive } from "./types.js";

/** The parts of messages that hold what a definition declares. */
export type Revived = "event" | "reply" | "item" | "error";

/**
 * What a protocol takes as its `revive`: `part` gets each part that a definition declares, and gives it as the
 * program sees it. An event goes by its own name; a reply, an item and an error by their command's. What it
 * throws is the error that a call ends with, and for an event what `onError` is told instead.
 */
export function reviving(part: (what: Revived, name: string, value: unknown) => unknown): Revive {
  return (said, calls) => {
    const message = Object(said);
    const { re, cmd, error, item } = message;
    const name = cmd ?? calls.get(re)?.cmd;
    if (typeof name !== "string") return said;
    let what: Revived = "reply";
    if (cmd !== undefined) what = "event";
    else if (error) what = "error";
    else if (item !== undefined) what = "item";
    const place = what === "error" || what === "item" ? what : "param";
    const { [place]: value = {} } = message;
    try {
      message[place] = part(what, name, value);
      return message;
    } catch (cause) {
      const told = `${what} ${name}: ${cause instanceof Error ? cause.message : cause}`;
      const broken = new SocketError({ code: "message", message: told, cause });
      return what === "item" ? { re, item: broken } : { re, error: broken };
    }
  };
}
