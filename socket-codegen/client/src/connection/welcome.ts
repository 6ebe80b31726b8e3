// Welcome: the answer to `:connect`, and what it brings back.

import { repeat } from "../calls/replies.js";
import { expelled, joined } from "../channels/channels.js";
import type { Core } from "../core.js";
import { errorOf, SocketError } from "../errors.js";
import { report } from "../handlers.js";
import type { State, User } from "../state.js";
import { type Fields, numberOf } from "../wire.js";
import { change } from "./connection.js";
import { PING, PING_TIMEOUT } from "./fallbacks.js";
import { expire } from "./tokens.js";

export function welcome(core: Core, answer: unknown): void {
  const { named, members } = core;
  if (answer instanceof SocketError) {
    // The close that follows says what it means.
    core.refused = answer;
    return;
  }
  const { connection, user, ping, timeout, expires, resumed, limits, channels } = Object(answer);
  if (typeof connection !== "string") {
    report(core, "message", "unknown message", answer);
    return;
  }
  core.welcome = answer as Fields;
  core.limits = Object(limits);
  core.refusals = 0;
  core.openedAt = core.now();
  repeat(core, resumed);
  expire(core, expires);
  const mine: State = { status: "open", id: connection, user: user as User | null };
  change(core, mine, numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT));
  for (const [channel, result] of Object.entries(Object(channels))) {
    const { error } = Object(result);
    // A handler may have disconnected.
    if (core.state !== mine) return;
    if (error) expelled(core, channel, errorOf(error));
    // Else it was left while `:connect` was on its way.
    else if (members.has(channel) || !named?.has(channel)) joined(core, channel, result);
  }
}
