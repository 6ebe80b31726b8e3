// What users and emitted files may name. `build.mjs` exports exactly this from the joined file.

export type { Gap, JoinResult } from "./channels/membership.js";
export { type Recovery, recovery } from "./channels/recovery.js";
export { define } from "./define.js";
export { type BuiltinError, type ErrorFields, type Fault, SocketError } from "./errors.js";
export {
  type ChannelMessage,
  type HistoryOptions,
  type HistoryPage,
  history,
  type Member,
  type MemberPage,
  type PresenceOptions,
  presence,
} from "./history.js";
export { type MessagesOptions, messages } from "./messages.js";
export type { ErrorSource, Options, WebSocketClass, WebSocketLike } from "./options.js";
export { type ReadyOptions, ready } from "./ready.js";
export { type Revived, reviving } from "./reviving.js";
export type { Channel, Socket, SocketClass } from "./socket.js";
export type { Cause, State, Upgrade, User } from "./state.js";
export {
  type ItemOf,
  type Stream,
  type StreamingOf,
  type StreamOptions,
  stream,
} from "./stream.js";
export type {
  BuiltinEvents,
  CallOptions,
  ChannelName,
  Command,
  Descriptor,
  Empty,
  EventMessage,
  EventsOf,
  Handler,
  Message,
  Off,
  PatternOf,
  Position,
  ProtocolShape,
  Result,
  Revive,
  SendOptions,
  SendResult,
  UnknownMessage,
} from "./types.js";
