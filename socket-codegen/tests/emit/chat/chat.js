// Made by socket-codegen 0.1.0 from the protocol `chat` (Rust: `chat::protocol::Chat`).
// @ts-self-types="./chat.d.ts"
// Fingerprint: 9f3c5a1e7b20d486
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** What the client must know of this protocol when it runs. */
export const protocol = {
  id: {
    name: "chat",
    fingerprint: "9f3c5a1e7b20d486",
  },
  events: ["pong", "chat", "user-joined"],
  idempotent: ["ping"],
};

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export const Socket = /* @__PURE__ */ socket.define(protocol);
