// A socket of the guide's protocol with a server behind it, for programs that are mounted in a page.

import { MockServer } from "../../dist/socket.testing.js";
import { Socket } from "../../test/fixtures/chat/chat.js";

export const server: MockServer<import("../../test/fixtures/chat/chat.js").Protocol> =
  new MockServer(Socket);
export const socket: Socket = server.socket();
export const place: HTMLElement = document.body.appendChild(document.createElement("div"));

/** Waits until the page shows that. */
export async function seen(text: string): Promise<void> {
  while (place.textContent?.trim() !== text) await task();
}

/** Frameworks render, and channels are left, at the end of the task. */
export function task(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

export function say(text: string): void {
  server.emit("chat", { user: "ann", text, time: 1 }, { channel: "room:1" });
}
