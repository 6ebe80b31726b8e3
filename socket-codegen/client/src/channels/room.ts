// Room: one holder of one channel: what `socket.channel` gives.

import { ask, call, send, tryCall } from "../calls/calls.js";
import type { Core } from "../core.js";
import { promiseOf, SocketError } from "../errors.js";
import { on, onEvent, tell } from "../handlers.js";
import type { Room } from "../untyped.js";
import { expelled, joined, memberOf } from "./channels.js";
import type { JoinResult } from "./membership.js";

export function createRoom(core: Core, name: string): Room {
  const { members } = core;
  const room: Room = {
    name,
    join: () =>
      promiseOf((end) => {
        const known = members.get(name);
        const member = memberOf(core, name);
        member.rooms.add(room);
        if (member.result) return end(member.result);
        const off = on(core, `:joined ${name}`, (outcome: JoinResult | SocketError) => {
          off();
          end(outcome);
        });
        // Else `:connect` names it, or did.
        if (!known && core.named)
          ask(core, ":join", name, undefined, (outcome) => {
            // It may have been left meanwhile.
            if (!member.rooms.size && members.get(name) !== member) return;
            members.set(name, member);
            // Behind a `:closed` this is the server's last word.
            if (!(outcome instanceof SocketError)) joined(core, name, outcome);
            else if (outcome.code !== "disconnected") expelled(core, name, outcome);
          });
      }),
    leave() {
      members.get(name)?.rooms.delete(room);
      // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
      // a component down and put it up again, and the server need not hear of it.
      setTimeout(() => {
        if (members.get(name)?.rooms.size !== 0) return;
        members.delete(name);
        tell(core, [`:joined ${name}`], new SocketError({ code: "aborted" }));
        if (core.named) ask(core, ":leave", name);
      });
    },
    // No channel's name holds a space, so the key is its own.
    on: (event, handler) => onEvent(core, `${event} ${name}`, handler),
    onClosed: (handler) => on(core, `:closed ${name}`, handler),
    onGap: (handler) => on(core, `:gap ${name}`, handler),
    send: (cmd, param, options) => send(core, { cmd, channel: name, param }, options),
    call: (cmd, param, options) => call(core, { cmd, channel: name, param }, options),
    tryCall: (cmd, param, options) => tryCall(core, { cmd, channel: name, param }, options),
  };
  return room;
}
