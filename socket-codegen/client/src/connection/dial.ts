// Dial: opens one WebSocket, says `:connect`, and hands over what comes. Once it is given up nothing of it is
// heard, whatever it still does.

import { type Core, is } from "../core.js";
import { hear } from "../incoming.js";
import type { Outgoing } from "../queue/outgoing.js";
import { CONNECT_ID } from "../wire.js";
import { lost } from "./connection.js";
import { encode, trace, write } from "./frames.js";
import { allow } from "./silence.js";
import { createTurns } from "./turns.js";
import { welcome } from "./welcome.js";

/** What a page has, and a server that renders one does not. */
interface Page {
  readonly location?: unknown;
}

/** Throws where there is no WebSocket, or none that takes the address. */
export function dial(core: Core, address: string | URL, token: unknown): void {
  // Not every place has a location: a server renders without one, and takes absolute addresses only.
  const { href } = new URL(address, (globalThis as Page).location as string);
  const socket = new (core.options.WebSocket ?? WebSocket)(
    href.replace(/^http/, "ws"),
    "socket.v1",
  );
  const take = createTurns(core, socket);
  core.ws = socket;
  socket.onopen = () => {
    const named = new Map(core.members);
    core.named = named;
    const param = {
      token,
      session: core.welcome["session"],
      protocol: core.descriptor.id,
      knows: [":large"],
      channels: Object.fromEntries([...named].map(([name, { since }]) => [name, { since }])),
    };
    const end = (answer: unknown) => welcome(core, answer);
    core.inFlight.set(CONNECT_ID, { id: CONNECT_ID, end } as Outgoing);
    write(core, encode(core, ":connect", undefined, param, CONNECT_ID));
  };
  socket.onmessage = ({ data }: { data: string }) => {
    trace(core, "<-", data);
    if (is(core, "open")) allow(core, core.silence * core.patience);
    let messages: unknown[] = [data];
    try {
      messages = [JSON.parse(data)].flat();
    } catch {}
    take(messages.map((message) => () => hear(core, message)));
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) =>
    take([() => lost(core, reason || "closed", code)]);
  // Never fatal by itself: a close follows, and tells more.
  socket.onerror = () => {};
}
