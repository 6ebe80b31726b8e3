import type { Socket } from "./generated/index.js";

/** What a program of yours does. */
export async function greet(socket: Socket, room: string): Promise<string> {
  const joined = await socket.tryCall({ cmd: "join-room", param: { room } });
  if (!joined.ok) {
    if (joined.error.code === "room-full") return `only ${joined.error.data.max} may be in`;
    return joined.error.message;
  }
  socket.send({ channel: `room:${room}`, cmd: "chat", param: { text: "hello" } });
  return `${joined.value.members} are here`;
}
