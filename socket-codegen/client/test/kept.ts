// A client of a protocol that keeps history and streams, and everything that it told.

import { type Message, type Protocol, Socket } from "./fixtures/kept/kept.ts";
import type { Gap, Options } from "./fixtures/kept/socket.ts";
import { type FakeWebSocket, recorded, settle } from "./server.ts";

export type Frame = { [field: string]: unknown };

export function keeper(options: Partial<Options<Protocol>> = {}) {
  const sockets: FakeWebSocket[] = [];
  const messages: Message[] = [];
  const gaps: Gap[] = [];
  const errors: { source: string; message: string }[] = [];
  const socket = new Socket({
    url: "wss://example.test/socket",
    WebSocket: recorded(sockets),
    random: () => 0.5,
    onMessage: (message) => messages.push(message),
    onGap: (gap) => gaps.push(gap),
    onError: (source, message) => errors.push({ source, message }),
    ...options,
  });
  return {
    socket,
    sockets,
    messages,
    gaps,
    errors,
    /** The texts that were heard. */
    get texts(): string[] {
      return messages.map(({ param }) => param.text);
    },
    get ws(): FakeWebSocket {
      const last = sockets.at(-1);
      if (!last) throw new Error("no WebSocket was made");
      return last;
    },
  };
}

/** One that the server has let in. */
export async function kept(channels: Frame = {}, options: Partial<Options<Protocol>> = {}) {
  const made = keeper(options);
  await settle();
  made.ws.welcome({
    session: "s1",
    channels: { ":user": { ...fresh(0), epoch: "u" }, ...channels },
  });
  return made;
}

/** An event of a channel, at its place in the history. */
export const posted = (at: number | undefined, channel = "room:1", more: Frame = {}) => ({
  cmd: "posted",
  channel,
  param: { user: "ann", text: `${at}`, time: 1 },
  ...(at === undefined ? {} : { at }),
  ...more,
});

export const fresh = (at: number) => ({ recovery: "fresh", epoch: "e", at });
export const complete = (at: number) => ({ recovery: "complete", epoch: "e", at });
