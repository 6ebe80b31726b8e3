// The guide's page for Next: what a server rendered, taken over in a page. What happened is left as `result`.

import { StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { MockServer } from "../../dist/socket.testing.js";
import { Socket } from "../../test/fixtures/chat/chat.js";

const server = new MockServer(Socket);
Object.assign(globalThis, { WebSocket: server.WebSocket });

async function run() {
  // It makes its socket when it is loaded, as a module of a page does.
  const { default: Page } = await import("../../test/guide/page.js");
  const place = document.getElementById("page");
  if (!place) throw new Error("the server rendered no page");
  const seen = async (text: string) => {
    while (place.textContent?.trim() !== text)
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const before = place.innerHTML;
  hydrateRoot(
    place,
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  await seen("openGreet");
  while (server.channels.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  server.emit("chat", { user: "ann", text: "hi", time: 1 }, { channel: "room:garden" });
  await seen("openann: hiGreet");
  place.querySelector("button")?.click();
  await new Promise((resolve) => setTimeout(resolve, 1));
  return { before, channels: server.channels, sent: server.sent.map(({ cmd }) => cmd) };
}

Object.assign(globalThis, { result: run() });
