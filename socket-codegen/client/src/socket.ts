// Socket: what users hold. Its implementation is `Client`, which knows names but no types; `define`
// puts the two together for one protocol.

import type { Gap, JoinResult } from "./channels/membership.js";
import type { BuiltinError, SocketError } from "./errors.js";
import type { ErrorSource, Options } from "./options.js";
import type { State } from "./state.js";
import type {
  BuiltinEvents,
  CallOptions,
  ChannelName,
  Command,
  EventsOf,
  Handler,
  Message,
  Off,
  PatternOf,
  ProtocolShape,
  Rest,
  Result,
  SendOptions,
  SendResult,
} from "./types.js";

/** A connection that comes back by itself, typed by the protocol `P`. */
export interface Socket<P extends ProtocolShape<P>> {
  /** What it is doing now. A new value for every change; never changed in place. */
  readonly state: State;
  /** Tells of the present state at once, and of every new one until taken back. */
  subscribe(listener: (state: State) => void): Off;
  /** Connects now: from `idle` and `closed`, and without the rest of the delay from `waiting`. */
  connect(): void;
  /** Closes and stays closed. What waits in the queue is given up, and calls end. */
  disconnect(): void;
  /**
   * Sends a command and waits for nothing. If the server refuses it, `onError` hears of it.
   * Without a connection it waits in the queue.
   */
  send<K extends keyof P["commands"]>(message: Command<P, K>, options?: SendOptions): SendResult;
  /**
   * Sends a command and gives its reply. Rejects with a `SocketError`: the command's own errors, the
   * protocol's, and `timeout`, `aborted`, `queue-full`, `disconnected`.
   */
  call<K extends keyof P["commands"]>(
    message: Command<P, K>,
    options?: CallOptions,
  ): Promise<P["commands"][K]["reply"]>;
  /** Like `call`, with the error as a typed value. A `param` that contains itself is a `TypeError` there. */
  tryCall<K extends keyof P["commands"]>(
    message: Command<P, K>,
    options?: CallOptions,
  ): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
  /** Calls the handler for every event of that name, from any channel, until taken back. */
  on<K extends keyof EventsOf<P>>(event: K, handler: Handler<K, EventsOf<P>[K]>): Off;
  /** One channel by its name, with what the definition allows there. It is not joined yet. */
  channel<Name extends ChannelName<P>>(name: Name): Channel<P, PatternOf<P, Name>>;
}

/** One channel of a socket. Several of the same name are counted: the last `leave` leaves. */
export interface Channel<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]> {
  readonly name: P["channels"][Pattern]["name"];
  /**
   * Enters, now or as soon as there is a connection, and again after every break until `leave`.
   * Rejects if the server refuses, or if `leave` or `disconnect` came first.
   */
  join(): Promise<JoinResult>;
  /** Takes the wish back. At the end of the task, so that joining again at once costs nothing. */
  leave(): void;
  on<K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents>(
    event: K,
    handler: Handler<K, EventsOf<P>[K]>,
  ): Off;
  /** Told when the server took this connection out, or did not let it in again after a break. */
  onClosed(handler: (error: SocketError) => void): Off;
  /** Told when events of this channel may be missing, before the next one comes. */
  onGap(handler: (gap: Gap) => void): Off;
  send<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], SendOptions>
  ): SendResult;
  call<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], CallOptions>
  ): Promise<P["commands"][K]["reply"]>;
  tryCall<K extends P["channels"][Pattern]["commands"]>(
    cmd: K,
    ...rest: Rest<P["commands"][K], CallOptions>
  ): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
}

/** The class of sockets of one protocol. */
export interface SocketClass<P extends ProtocolShape<P>> {
  new (options: Options<P>): Socket<P>;
  /** The positional form: `debug`, `onOpen`, `onMessage`, `onError` and `url` of the options. */
  new (
    debug: boolean,
    onOpen: () => void,
    onMessage: (message: Message<P>) => void,
    onError: (source: ErrorSource, message: string, error: SocketError) => void,
    url: string,
  ): Socket<P>;
}
