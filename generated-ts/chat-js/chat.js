// Made by socket-codegen 0.1.0 from the protocol `chat` (Rust: `chat::protocol::Chat`).
// @ts-self-types="./chat.d.ts"
// Fingerprint: 48dcba801e2d912e
// Do not edit: change the Rust definition and run `socket-codegen generate`.

import * as socket from "./socket.js";

/** What the client must know of this protocol when it runs. */
export const protocol = {
  id: {
    name: "chat",
    fingerprint: "48dcba801e2d912e",
  },
  events: ["pong", "chat"],
  idempotent: ["ping"],
  recovery: socket.recovery,
};

/** A connection that speaks this protocol, comes back when it breaks, and is typed by it. */
export const Socket = /* @__PURE__ */ socket.define(protocol);
