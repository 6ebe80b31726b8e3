// What users and emitted files may name. `build.mjs` exports exactly this from the joined file.

export type { CallOptions } from "./calls.js";
export { define } from "./define.js";
export { type BuiltinError, type Fault, SocketError } from "./errors.js";
export type { JoinResult } from "./memberships.js";
export { type MessagesOptions, messages } from "./messages.js";
export type { ErrorSource, Options, WebSocketClass, WebSocketLike } from "./options.js";
export type { Channel, Member, MemberPage, Socket, SocketClass } from "./socket.js";
export type { Cause, State, User } from "./state.js";
export type {
  BuiltinEvents,
  Codec,
  Command,
  Descriptor,
  Empty,
  EventMessage,
  Message,
  Off,
  ProtocolShape,
  Result,
  SendOptions,
  SendResult,
  UnknownMessage,
} from "./types.js";
