// Types: how an emitted protocol types the socket. Only indexed access, so that an editor stays fast
// with a thousand commands.

import type { Recovery } from "./channels/recovery.js";

/** The parameters or the reply of something that has none. */
export type Empty = Record<string, never>;

interface CommandShape {
  channel?: string;
  param?: unknown;
  reply: unknown;
  /** What it streams before the reply. */
  item?: unknown;
  error: unknown;
}

interface ChannelShape<Commands, Events> {
  name: string;
  commands: Commands;
  events: Events;
  /** It keeps events for those who come back. */
  history?: true;
}

/** What the interface `Protocol` of an emitted file must look like. */
export interface ProtocolShape<P extends ProtocolShape<P>> {
  commands: { [K in keyof P["commands"]]: CommandShape };
  events: { [K in keyof P["events"]]: unknown };
  channels: {
    [K in keyof P["channels"]]: ChannelShape<keyof P["commands"], keyof P["events"]>;
  };
  /** Some channel does, or what is sent to a user or to all. */
  history?: true;
}

/** What the client must know of a protocol when it runs. */
export interface Descriptor {
  /** Which protocol, and which version of it: sent at connect. */
  readonly id: {
    readonly name: string;
    /** Hash of the wire. */
    readonly fingerprint: string;
  };
  /** All events, so that an unknown one is seen. */
  readonly events: readonly string[];
  /** Commands that may be sent again although the server may have done them. */
  readonly idempotent: readonly string[];
  /** Which of `:user` and `:all` keep history. Channels say so when they are joined. */
  readonly keeps?: readonly string[];
  /** How to go on where a channel was left: `recovery`, where the protocol keeps history. */
  readonly recovery?: Recovery;
  /** For values that JSON has no words for, where the protocol has such: what `JSON.stringify` takes. */
  readonly replacer?: (key: string, value: unknown) => unknown;
  /** What came, as the program sees it. `reviving` makes one. */
  readonly revive?: Revive;
}

/**
 * A message as the program sees it; it may be changed in place. `calls` says by id which command it answers.
 * A message that breaks its type is given as `{ re, error }`: a call ends with that, and of an event it is told;
 * an item as `{ re, item: SocketError }`, which ends its stream.
 */
export type Revive = (
  message: unknown,
  calls: ReadonlyMap<unknown, { readonly cmd?: string }>,
) => unknown;

/** A command as `send` and `call` take it. `channel` left out is the connection's default channel. */
export type Command<P extends ProtocolShape<P>, K extends keyof P["commands"]> = {
  cmd: K;
} & Pick<P["commands"][K], "channel" | "param">;

/** One event as handlers get it. */
export interface EventMessage<Name extends PropertyKey, Param> {
  readonly cmd: Name;
  readonly param: Param;
  /** The channel that it was published to, absent where it was sent to this connection or user. */
  readonly channel?: string;
  /** The id of the connection that caused it. */
  readonly from?: string;
  /** Its offset, where the channel keeps history. */
  readonly at?: number;
  /** The offset before it in this channel, where that is not `at - 1`. */
  readonly prev?: number;
}

/** Where a channel stands, or stood when its last event was heard. */
export interface Position {
  /** Changes when the history was lost. */
  readonly epoch: unknown;
  readonly at: number;
}

/** Any event of the protocol: a union to switch over by `cmd`. */
export type Message<P extends ProtocolShape<P>> = {
  [K in keyof P["events"]]: EventMessage<K, P["events"][K]>;
}[keyof P["events"]];

/** An event that the protocol does not list: the server is newer than this client. */
export type UnknownMessage = EventMessage<string, unknown>;

/** Events that every protocol has beside its own. `on` takes them, `onMessage` does not get them. */
export interface BuiltinEvents {
  /** A member of the channel came or went. */
  "online-update": {
    readonly userID: string;
    readonly connection: string;
    readonly name?: string;
    readonly connected: boolean;
    readonly data?: unknown;
    /** The user has no other connection in this channel. */
    readonly last: boolean;
  };
  /** The presence data of a member changed. */
  "presence-update": {
    readonly connection: string;
    readonly data: unknown;
  };
}

/** The protocol's own events and those that every protocol has. */
export type EventsOf<P extends ProtocolShape<P>> = P["events"] & BuiltinEvents;

/** What `on` takes: the parameters, and for those who need more the whole event. */
export type Handler<Name extends PropertyKey, Param> = (
  param: Param,
  message: EventMessage<Name, Param>,
) => void;

/** The names of all channels. */
export type ChannelName<P extends ProtocolShape<P>> = P["channels"][keyof P["channels"]]["name"];

/** The pattern, or patterns, that a channel's name fits. */
export type PatternOf<P extends ProtocolShape<P>, Name extends string> = {
  [K in keyof P["channels"]]: Name extends P["channels"][K]["name"] ? K : never;
}[keyof P["channels"]];

/** The arguments after a command's name: `param` may be left out where nothing in it is required. */
export type Rest<Entry extends CommandShape, Options> = Entry extends { param: unknown }
  ? [param: Entry["param"], options?: Options]
  : [param?: Entry["param"], options?: Options];

/**
 * Takes back what returned it. Calling it twice does nothing. With `using` it is called at the end of
 * the block, where both the engine and the `lib` of your TypeScript know that.
 */
export interface Off extends Disposes {
  (): void;
}

type Disposes = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? { readonly [K in Key]: () => void }
  : Record<never, never>;

/**
 * What became of a message: on its way; waiting for the connection; or refused, because the queue is
 * full, the message is over the server's limit, or the socket is closed.
 */
export type SendResult = "sent" | "queued" | "dropped";

/** What shall become of a message that cannot go out at once. */
export interface SendOptions {
  /** Of what waits of this command, channel and key only the newest is kept. */
  key?: string;
  /** ms after which it is not worth sending any more: it is given up where it waits. */
  ttl?: number;
  /** Now or not at all: it never waits, and is `dropped` instead. */
  volatile?: boolean;
}

export interface CallOptions {
  /** ms until it ends with `timeout`, and the server is told to stop. Default: the option `callTimeout`. */
  timeout?: number;
  /** Ends it with `aborted`, and tells the server to stop. */
  signal?: AbortSignal;
}

/** What `tryCall` gives. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** A protocol of which nothing but its shape is known. */
export interface AnyProtocol {
  commands: { [name: string]: { channel?: string; param?: unknown; reply: unknown; error: never } };
  events: { [name: string]: unknown };
  channels: { [pattern: string]: { name: string; commands: string; events: string } };
}
