// Frames: commands as text, and the text on its way.

import type { Core } from "../core.js";

/** A command as text, `cmd` first. Fields without a value are left out. */
export const encode = (
  { descriptor }: Core,
  cmd: string,
  channel?: string,
  param?: unknown,
  id?: number,
  timeout?: number,
): string => JSON.stringify({ cmd, channel, param, id, timeout }, descriptor.replacer);

export const trace = ({ options }: Core, arrow: string, data: unknown): void => {
  // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
  if (options.debug) console.debug(arrow, data);
};

export const write = (core: Core, text: string): void => {
  trace(core, "->", text);
  core.ws?.send(text);
};
