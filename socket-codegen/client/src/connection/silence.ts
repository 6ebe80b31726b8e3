// Silence: the moments at which something is due, and one lazy timer that looks at them: frames only move the
// deadline.

import { type Core, is } from "../core.js";
import { lost, start } from "./connection.js";
import { refresh } from "./tokens.js";

/** Looks again when the next of them is due. */
export function watch(core: Core): void {
  clearTimeout(core.timer);
  // A clock that was set back must not make a dead connection live longer.
  core.deadline = Math.min(core.deadline, core.now() + core.silence);
  core.timer = setTimeout(
    look,
    Math.min(core.deadline, core.drainAt, core.renewAt) - core.now(),
    core,
  );
}

function look(core: Core): void {
  if (core.now() < Math.min(core.deadline, core.drainAt)) {
    watch(core);
    if (core.now() >= core.renewAt) refresh(core);
  } else if (is(core, "waiting")) start(core);
  else lost(core, "timeout");
}
