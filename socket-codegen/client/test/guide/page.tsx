"use client";

import { useSocketState } from "./generated/socket.react.js";
import { Room } from "./Room";
import { socket } from "./socket";

export default function Page() {
  const { status } = useSocketState(socket);
  return (
    <main>
      <p role="status">{status}</p>
      <Room name="garden" />
    </main>
  );
}
