// Incoming: what the server says, and to which part of the client it goes.

import { reply } from "./calls/replies.js";
import { expelled, interrupted, joined, missed } from "./channels/channels.js";
import { close } from "./connection/connection.js";
import { encode, write } from "./connection/frames.js";
import { watch } from "./connection/silence.js";
import { refresh } from "./connection/tokens.js";
import type { Core } from "./core.js";
import { errorOf } from "./errors.js";
import { report, tell } from "./handlers.js";
import { numberOf } from "./wire.js";

/** Takes one message from the server, whatever it holds. */
export function hear(core: Core, said: unknown): void {
  const { descriptor, state } = core;
  const message = Object(descriptor.revive?.(said, core.inFlight) ?? said);
  const { cmd, channel = "", param = {} } = message;
  if (typeof cmd !== "string" || typeof channel !== "string") reply(core, message);
  else if (cmd === ":large") {
    // A large message follows, and may take so many ms longer. No frame comes before it.
    core.deadline += numberOf(param?.within, 0);
    core.allowed = Infinity;
  } else if (cmd === ":ping") write(core, encode(core, ":pong"));
  else if (cmd === ":error") report(core, "server", errorOf(param).message, errorOf(param));
  else if (cmd === ":refresh") refresh(core);
  else if (cmd === ":joined") joined(core, channel, param);
  else if (cmd === ":closed") expelled(core, channel, errorOf(param?.reason));
  else if (cmd === ":gap") interrupted(core, channel, param);
  else if (cmd === ":drain") {
    const [min, max] = [param?.after].flat();
    const from = numberOf(min, 0);
    core.drainAt = core.now() + from + core.random() * (numberOf(max, from) - from);
    watch(core);
  } else if (cmd === "close-connection") close(core, { kind: "asked", message: cmd });
  else if (cmd !== ":pong") {
    const isNext = descriptor.recovery?.[1](core.members.get(channel), message, () =>
      missed(core, channel, "gap"),
    );
    // A handler that is told of a gap may have disconnected.
    if (isNext === false || core.state !== state) return;
    core.patience = 1;
    message.param = param;
    const isKnown = descriptor.events.includes(cmd);
    // These the protocol itself tells, beside the events of each definition.
    if (isKnown || /^(online|presence)-update$/.test(cmd))
      tell(core, [cmd, `${cmd} ${channel}`, isKnown ? ":onMessage" : ""], message);
    else if (!tell(core, [":onUnknown"], message))
      report(core, "message", "unknown message", message);
  }
}
