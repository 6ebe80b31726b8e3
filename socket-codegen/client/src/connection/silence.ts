// Silence: how long the server may be silent, and one lazy timer for all that is due: frames only move the
// deadline.

import { type Core, is } from "../core.js";
import { lost, start } from "./connection.js";
import { refresh } from "./tokens.js";
import { probe } from "./wake.js";

/** Allows silence for so many ms from now. */
export function allow(core: Core, ms: number): void {
  core.allowed = ms;
  core.deadline = core.now() + ms;
}

/** Looks again when the next of them is due. */
export function watch(core: Core): void {
  const now = core.now();
  clearTimeout(core.timer);
  // A clock that was set back must not make a dead connection live longer.
  core.deadline = Math.min(core.deadline, now + core.allowed);
  core.timer = setTimeout(
    look,
    // After a longer allowance the deadline may come to be an earlier one again.
    Math.min(core.deadline, core.drainAt, core.renewAt, core.wakeAt, now + core.silence) - now,
    core,
  );
}

/** Does what is due. */
export function look(core: Core): void {
  const now = core.now();
  if (now < Math.min(core.deadline, core.drainAt)) {
    if (now >= core.wakeAt) probe(core);
    if (now >= core.renewAt) refresh(core);
    watch(core);
  } else if (is(core, "waiting")) start(core);
  else lost(core, "timeout");
}
