// Client: ties the parts together to the object that programs hold. It knows names and no types.

import { call, send, tryCall } from "./calls/calls.js";
import { memberOf } from "./channels/channels.js";
import { createRoom } from "./channels/room.js";
import { close, start } from "./connection/connection.js";
import { wake } from "./connection/wake.js";
import { type Core, is, type Listener } from "./core.js";
import { on, onEvent } from "./handlers.js";
import type { Options } from "./options.js";
import type { State } from "./state.js";
import type { AnyProtocol, Descriptor } from "./types.js";
import type { Client } from "./untyped.js";
import { CONNECT_ID } from "./wire.js";

/** Makes a client of `client`. */
export function createClient(
  client: { state?: State },
  descriptor: Descriptor,
  options: Options<AnyProtocol>,
): void {
  // The deadlines come with the first change of the state.
  const core = {
    client,
    descriptor,
    options,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    listeners: new Map(),
    state: { status: "idle" },
    welcome: {},
    limits: {},
    attempt: 0,
    refusals: 0,
    patience: 1,
    wokeAt: 0,
    wake: () => wake(core),
    queued: [],
    inFlight: new Map(),
    due: 0,
    lastId: CONNECT_ID,
    members: new Map(),
  } as Partial<Core> as Core;
  // Nobody joins these.
  for (const name of descriptor.keeps ?? []) memberOf(core, name);
  for (const [name, handler] of Object.entries(options))
    if (handler) on(core, `:${name}`, handler as Listener);
  const connect = () => {
    if (!is(core, "open") && !is(core, "connecting")) start(core);
  };
  const all: Client = {
    state: core.state,
    subscribe(listener) {
      const off = on(core, ":state", listener);
      // At once, as the stores of Svelte do: who listens need not read `state` first.
      listener(core.state);
      return off;
    },
    connect,
    disconnect: () => close(core, { kind: "user", message: "disconnected" }),
    send: (command, options) => send(core, command, options),
    call: (command, options) => call(core, command, options),
    tryCall: (command, options) => tryCall(core, command, options),
    on: (event, handler) => onEvent(core, event, handler),
    channel: (name) => createRoom(core, name),
  };
  Object.assign(client, all);
  if (options.connect !== false) connect();
}
