// Turns: messages are handled in order, one in a task, so that whoever the program has awaiting one goes on
// before the next is told. Browsers hand over each frame like that; other engines hand over several at once.

import type { Core } from "../core.js";
import type { WebSocketLike } from "../options.js";

type Run = () => void;

/** The engines that are not browsers have it. Taken here, before a test puts another in its place. */
const { setImmediate } = globalThis as { setImmediate?: (run: Run) => void };

/** What runs something in its turn: behind all that this WebSocket handed over before, and never once it is given up. */
export function createTurns(core: Core, socket: WebSocketLike): (runs: readonly Run[]) => void {
  const queue: Run[] = [];
  let isTaken: unknown;
  const next = () => {
    const run = queue.shift();
    // The turn lasts as long as the task, in which the engine may hand over more.
    isTaken = !socket.inTurn && (queue[0] || (run && setImmediate));
    // In browsers the messages of one frame alone come here, where that is a list.
    if (isTaken) (setImmediate ?? setTimeout)(next);
    if (core.ws === socket) run?.();
  };
  return (runs) => {
    queue.push(...runs);
    while (queue[0] && !isTaken) next();
  };
}
