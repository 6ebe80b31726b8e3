// What users write, and the types that it gives.

import {
  type BuiltinError,
  type Empty,
  history,
  presence,
  type SendResult,
  type SocketError,
  type State,
  stream,
} from "../../dist/socket.js";
import { channelName } from "../../dist/socket.names.js";
import {
  type Channel,
  type JoinError,
  type Joined,
  type Message,
  type Pong,
  Socket,
} from "../fixtures/chat/index.ts";
import { Socket as Kept } from "../fixtures/kept/kept.ts";

/** Compiles only if both are the same type. */
function same<A>() {
  return <B>(_: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? B : never) =>
    undefined;
}

export const positional: Socket = new Socket(
  true,
  () => {},
  onMessage,
  (service: string, error: string) => `${service}: ${error}`,
  "/example/socket?ch=example",
);

const socket = new Socket({
  url: async () => new URL("wss://example.test/socket"),
  token: ({ expired }) => (expired ? null : "secret"),
  onMessage,
  onUnknown: (message) => message.cmd.length,
  onError: (source, message, error: SocketError) => `${source} ${message} ${error.code}`,
});

function onMessage(message: Message): string {
  switch (message.cmd) {
    case "pong":
      return String(message.param.timestamp);
    case "chat":
      return message.param.user + message.param.text;
    case "user-joined":
      return message.param.user;
    default: {
      const never: never = message;
      return never;
    }
  }
}

export const results: SendResult[] = [
  socket.send({ cmd: "ping" }),
  socket.send({ cmd: "ping", param: {} }),
  socket.send({ cmd: "chat", param: { text: "hi" } }),
  socket.send({ channel: "room:1", cmd: "chat", param: { text: "hi" } }),
  socket.channel("lobby").send("chat", { text: "hi" }),
];

export async function calls(signal: AbortSignal, room: string): Promise<void> {
  same<Pong>()(await socket.call({ cmd: "ping" }));
  same<Joined>()(
    await socket.call({ cmd: "join-room", param: { room } }, { timeout: 3_000, signal }),
  );
  const result = await socket.tryCall({ cmd: "join-room", param: { room } });
  if (result.ok) {
    same<Joined>()(result.value);
    return;
  }
  same<JoinError | BuiltinError>()(result.error);
  switch (result.error.code) {
    case "room-full":
      same<number>()(result.error.data.max);
      break;
    case "disconnected":
      same<boolean>()(result.error.sent);
      break;
    case "not-invited":
      same<string>()(result.error.message);
      break;
    case "rate-limited":
      same<number>()(result.error.data.retryAfter);
  }
}

export function listen(id: number): () => void {
  const room = socket.channel(`room:${id}`);
  same<Channel<"room:{room}">>()(room);
  room.on("user-joined", (param, message) => {
    same<string>()(param.user);
    same<"user-joined">()(message.cmd);
  });
  room.on("online-update", (param) => same<boolean>()(param.connected));
  room.onClosed((error) => error.code);
  room.join().then((joined) => joined.recovery);
  presence(room, { limit: 10 }).then((page) => page.members.map((member) => member.user?.name));
  return socket.on("chat", (param) => param.text);
}

export function describe(state: State): string {
  switch (state.status) {
    case "idle":
      return "idle";
    case "connecting":
      return `attempt ${state.attempt}`;
    case "open":
      return state.id;
    case "waiting":
      return `${state.cause.message}, again at ${state.retryAt}`;
    case "closed":
      return state.cause.kind;
  }
}

export const injected: Socket = new Socket({
  url: "wss://example.test/socket",
  WebSocket,
  now: Date.now,
  random: Math.random,
});

same<`room:${string}`>()(channelName("room:{room}", { room: 42 }));
same<"lobby">()(channelName("lobby", {}));
same<string>()(channelName("{*name}", { name: "any" }));
same<`grid-${string}/${string}`>()(channelName("grid-{x}/{y}", { x: 1n, y: true }));
same<Channel<"room:{room}">>()(socket.channel(channelName("room:{room}", { room: "a b" })));

const keeper = new Kept({
  url: "/socket",
  onGap: ({ channel, reason }) => `${channel}: ${reason}`,
});

export async function streams(signal: AbortSignal): Promise<void> {
  for await (const item of stream(keeper, { cmd: "count", param: { to: 3 } }, { signal, max: 9 })) {
    same<{ readonly n: number }>()(item);
  }
  const ticks = stream(keeper, { cmd: "ticks" });
  const last = await ticks.next();
  if (last.done) same<Empty>()(last.value);
  const page = await history(keeper.channel("room:1"), { limit: 20, before: 7 });
  same<string>()(page.events[0]?.param.text ?? "");
  same<"posted" | undefined>()(page.events[0]?.cmd);
  keeper.channel("lobby").onGap(({ reason }) => same<"gap" | "no-history">()(reason));
}
