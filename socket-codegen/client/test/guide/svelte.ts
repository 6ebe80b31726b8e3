import { readable } from "svelte/store";
import type { Socket } from "./generated/index.js";

/** The last lines of a room, as a store: joined while somebody looks at it. */
export function lines(socket: Socket, name: `room:${string}`) {
  return readable<string[]>([], (_, update) => {
    const room = socket.channel(name);
    const off = room.on("chat", ({ user, text }) => {
      update((lines) => [...lines.slice(-99), `${user}: ${text}`]);
    });
    room.join().catch(() => {});
    return () => {
      off();
      room.leave();
    };
  });
}
