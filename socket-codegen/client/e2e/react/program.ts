// The hooks in a real page, with whichever React it was bundled with. What happened is left as `result`.

import { createElement, StrictMode, useState, version } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { type Protocol, Socket } from "../../../../generated-ts/conformance/index.js";
import type {
  Socket as AnySocket,
  WebSocketLike,
} from "../../../../generated-ts/conformance/socket.js";
import {
  useChannel,
  useEvent,
  useSocketState,
} from "../../../../generated-ts/conformance/socket.react.js";
import { MockServer, refuse } from "../../../../generated-ts/conformance/socket.testing.js";

/** Every frame that the client sent, of all sockets, by command and channel. */
const frames: string[] = [];
let dials = 0;
let listenings = 0;

const server = new MockServer(Socket, {
  join: (channel) => (channel === "secret:1" ? refuse({ code: "forbidden" }) : undefined),
});

const Dialled = server.WebSocket;
class Counted {
  constructor(url: string, protocol: string) {
    dials++;
    const made: WebSocketLike = new Dialled(url, protocol);
    const send = made.send.bind(made);
    made.send = (text) => {
      const { cmd, channel, param } = JSON.parse(text);
      frames.push([cmd, channel ?? Object.keys(param?.channels ?? {}).join()].join(" ").trim());
      send(text);
    };
    // biome-ignore lint/correctness/noConstructorReturn: it stands for the class that it counts
    return made;
  }
}

const made = new Socket({
  url: "ws://mock.invalid/",
  WebSocket: Counted as never,
  onGap: () => {},
});
/** Counts who listens; the rest is the socket's own. */
const socket: AnySocket<Protocol> = Object.create(made, {
  on: {
    value: (...args: Parameters<typeof made.on>) => {
      listenings++;
      return made.on(...args);
    },
  },
});

const heard: string[] = [];
let again: (suffix: string) => void = () => {};

function Room({ name }: { name: `room:${string}` | `secret:${string}` }) {
  const [suffix, setSuffix] = useState("first");
  again = setSuffix;
  const { status } = useSocketState(socket);
  const room = useChannel(socket, name);
  useEvent(socket, "said", ({ text }) => heard.push(`${text} ${suffix}`));
  return createElement("p", null, [status, room.status, room.error?.code].join(" ").trim());
}

const place = document.body.appendChild(document.createElement("div"));
let root = createRoot(place);
const show = (name: `room:${string}` | `secret:${string}` | undefined) =>
  flushSync(() =>
    root.render(createElement(StrictMode, null, name && createElement(Room, { name }))),
  );
const seen = async (text: string) => {
  while (place.textContent !== text) await new Promise((resolve) => setTimeout(resolve, 1));
};
const task = () => new Promise((resolve) => setTimeout(resolve, 5));
const listeners = () => server.emit("said", { user: "", text: "hello" });

async function run() {
  const steps: { [step: string]: unknown } = { version };
  show("room:1");
  await seen("open joined");
  await task();
  steps["mounted"] = [dials, frames.splice(0), server.channels];
  const before = listenings;
  listeners();
  flushSync(() => again("second"));
  listeners();
  steps["the latest handler, and no new listener"] = [heard.splice(0), listenings - before];
  show(undefined);
  show("room:1");
  await seen("open joined");
  await task();
  steps["unmounted and mounted again"] = frames.splice(0);
  show("room:2");
  steps["another name"] = place.textContent;
  await seen("open joined");
  await task();
  steps["left and joined"] = [frames.splice(0).sort(), server.channels];
  server.drop();
  await seen("waiting joined");
  await seen("open joined");
  await task();
  steps["back"] = [dials, frames.splice(0)];
  server.expel("room:2");
  await seen("open closed forbidden");
  show("secret:1");
  await seen("open closed forbidden");
  root.unmount();
  await task();
  heard.length = 0;
  listeners();
  steps["gone"] = [heard, server.channels];
  root = createRoot(place);
  return steps;
}

Object.assign(globalThis, { result: run() });
