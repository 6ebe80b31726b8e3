// Frames: commands as text, and the text on its way.

import type { Core } from "../core.js";
import { SocketError } from "../errors.js";

/** Whether JSON says of this field what the program does. `given`: before any `toJSON`. */
function isExact(value: unknown, given: unknown, isItem: boolean): unknown {
  // `NaN` and the infinities have no remainder. An integer that was rounded may stand for its neighbours.
  if (typeof value === "number") return Number.isSafeInteger(value) || value % 1;
  // An invalid date says `null`. A field may be left out; an item would become `null`.
  if (value == null) return value === given && !(isItem && value !== null);
  // A `Map` or a `Set` would become `{}`, and a function or a symbol would be left out.
  return / (Object|Array|String|Boolean)]/.test(toString.call(value));
}

/**
 * A command as text, `cmd` first. Fields without a value are left out. Throws `invalid-param` for what
 * `JSON.stringify` would change or leave out in silence, and for integers that JavaScript itself has rounded.
 */
export function encode(
  { descriptor }: Core,
  cmd: string,
  channel?: string,
  param?: unknown,
  id?: number,
  timeout?: number,
): string {
  return JSON.stringify(
    { cmd, channel, param, id, timeout },
    function (this: Record<string, unknown>, path, said) {
      const value = descriptor.replacer?.(path, said) ?? said;
      // What the server said itself goes back to it as it is.
      if (cmd === ":connect" || isExact(value, this[path], Array.isArray(this))) return value;
      const reason = `JSON cannot hold ${String(value)}`;
      throw new SocketError({
        code: "invalid-param",
        message: `${path}: ${reason}`,
        data: { path, reason },
      });
    },
  );
}

/** What lets whoever reads a console be somebody else: fields of these names, and their texts. */
const SECRETS = /("[^"]*(token|session|password)[^"]*" *: *)"(\\.|[^"\\])*"/gi;

export const trace = ({ options }: Core, arrow: string, data: unknown): void => {
  // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
  if (options.debug) console.debug(arrow, `${data}`.replace(SECRETS, '$1"***"'));
};

export const write = (core: Core, text: string): void => {
  trace(core, "->", text);
  core.ws?.send(text);
};
