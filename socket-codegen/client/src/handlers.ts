// Handlers: who hears what. A handler may do anything, disconnecting included.

import type { Core, Listener } from "./core.js";
import { SocketError } from "./errors.js";
import type { ErrorSource } from "./options.js";
import type { Off } from "./types.js";
import type { AnyEvent, AnyHandler } from "./untyped.js";

/** Calls the listener whenever this key is told, until taken back. */
export function on({ listeners }: Core, key: string, listener: Listener): Off {
  const entries = listeners.get(key) ?? new Set();
  // Its own object, so that the same function given twice is two listeners with two ends.
  const entry = [listener] as const;
  listeners.set(key, entries.add(entry));
  const off = () => {
    if (entries.delete(entry) && !entries.size) listeners.delete(key);
  };
  // Where the engine has no such symbol, nobody asks for what stands there instead.
  off[(Symbol as { dispose?: symbol }).dispose as never] = off as never;
  return off as unknown as Off;
}

/** The same for an event: its parameters first, then the whole. */
export const onEvent = (core: Core, key: string, handler: AnyHandler): Off =>
  on(core, key, (message: AnyEvent) => handler(message.param, message));

/** Runs the listeners of these keys. `false`: nobody listens. */
export function tell(core: Core, keys: readonly string[], ...args: readonly unknown[]): boolean {
  const { listeners, state } = core;
  let heard = false;
  for (const key of keys) {
    for (const entry of [...(listeners.get(key) ?? [])]) {
      // Another listener may have taken this one back, or changed the state.
      if (state !== core.state || !listeners.get(key)?.has(entry)) continue;
      heard = true;
      try {
        entry[0](...(args as never[]));
      } catch (error) {
        report(core, "handler", String(error), error);
      }
    }
  }
  return heard;
}

/** Tells `onError`: asynchronously, so that what that throws surfaces outside of everything. */
export async function report(
  { options }: Core,
  source: ErrorSource,
  message: string,
  cause?: unknown,
): Promise<void> {
  // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
  const { onError = console.error } = options;
  onError(
    source,
    message,
    cause instanceof SocketError ? cause : new SocketError({ code: source, message, cause }),
  );
}
