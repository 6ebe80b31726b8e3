import { useState } from "react";
import { channelName } from "./generated/socket.names.js";
import { useChannel, useEvent, useSocketState } from "./generated/socket.react.js";
import { socket } from "./socket";

export function Room({ name }: { name: string }) {
  const { status } = useSocketState(socket);
  const room = useChannel(socket, channelName("room:{room}", { room: name }));
  const [lines, setLines] = useState<string[]>([]);
  useEvent(room.channel, "chat", ({ user, text }) => {
    setLines((lines) => [...lines.slice(-99), `${user}: ${text}`]);
  });
  if (room.status === "closed") return <p role="alert">{room.error.message}</p>;
  return (
    <section aria-busy={status !== "open" || room.status === "joining"}>
      {lines.map((line, at) => (
        <p key={at}>{line}</p>
      ))}
      <button type="button" onClick={() => room.channel.send("chat", { text: "hi" })}>
        Greet
      </button>
    </section>
  );
}
