// Of what `--validate` writes for the chat as much as is needed here.

import type { Commands, Events } from "./chat.ts";
import * as validate from "./socket.validate.ts";

/** What answers `join-room`. */
export const joinRoomReply: validate.Validator<Commands["join-room"]["reply"]> =
  /* @__PURE__ */ validate.validator({
    type: "object",
    properties: { room: { type: "string" }, members: { type: "integer", minimum: 0 } },
    required: ["room", "members"],
  });

/** What the event `chat` brings. */
export const chatEvent: validate.Validator<Events["chat"]> = /* @__PURE__ */ validate.validator({
  type: "object",
  properties: { user: { type: "string" }, text: { type: "string" }, time: { type: "integer" } },
  required: ["user", "text", "time"],
});

/** All that is received, for `checked` of `socket.validate`. */
export const checks: validate.Checks = {
  event: { chat: chatEvent },
  reply: { "join-room": joinRoomReply },
};
