// Made by socket-codegen 0.1.0.
/** What `recovery` is. */
export type Recovery = readonly [
    /** The server says where a channel stands: from there on, unless what was heard goes on. */
    stand: (member: Membership, said: unknown, anew: boolean) => void,
    /** Moves on to this event, over what was `missed`. `false`: it was heard before. */
    isNext: (member: Membership | undefined, event: EventMessage<string, unknown>, missed: () => void) => boolean
];
/** What emitted files hand to `define` where their protocol keeps history. */
export declare const recovery: Recovery;
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
    commands: {
        [K in keyof P["commands"]]: CommandShape;
    };
    events: {
        [K in keyof P["events"]]: unknown;
    };
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
export type Revive = (message: unknown, calls: ReadonlyMap<unknown, {
    readonly cmd?: string;
}>) => unknown;
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
export type Handler<Name extends PropertyKey, Param> = (param: Param, message: EventMessage<Name, Param>) => void;
/** The names of all channels. */
export type ChannelName<P extends ProtocolShape<P>> = P["channels"][keyof P["channels"]]["name"];
/** The pattern, or patterns, that a channel's name fits. */
export type PatternOf<P extends ProtocolShape<P>, Name extends string> = {
    [K in keyof P["channels"]]: Name extends P["channels"][K]["name"] ? K : never;
}[keyof P["channels"]];
/** The arguments after a command's name: `param` may be left out where nothing in it is required. */
type Rest<Entry extends CommandShape, Options> = Entry extends {
    param: unknown;
} ? [param: Entry["param"], options?: Options] : [param?: Entry["param"], options?: Options];
/**
 * Takes back what returned it. Calling it twice does nothing. With `using` it is called at the end of
 * the block, where both the engine and the `lib` of your TypeScript know that.
 */
export interface Off extends Disposes {
    (): void;
}
type Disposes = SymbolConstructor extends {
    readonly dispose: infer Key extends symbol;
} ? {
    readonly [K in Key]: () => void;
} : Record<never, never>;
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
export type Result<Value, Failure> = {
    readonly ok: true;
    readonly value: Value;
} | {
    readonly ok: false;
    readonly error: Failure;
};
/** What the server says of a channel that was joined. */
export interface JoinResult {
    /** Whether what was published meanwhile follows. Absent where the channel says nothing of it. */
    readonly recovery?: "fresh" | "complete" | "gap" | "none";
    /** What the server's join decision adds. */
    readonly data?: unknown;
}
/** Events of a channel may be missing. */
export interface Gap {
    readonly channel: string;
    /**
     * - `gap`: there were some, and its history no longer holds them.
     * - `no-history`: the connection broke, and the channel keeps none.
     */
    readonly reason: "gap" | "no-history";
}
/** A channel that this client is in, or wishes to be in. Wishes outlive connections. */
interface Membership {
    /** Those that want it here: none where the server put this connection in. */
    readonly rooms: Set<object>;
    /** On this connection; `null` on an earlier one, so that what is missed from then on is told. */
    result?: JoinResult | null;
    /** The last event that was heard, where it keeps history. */
    since?: Position | undefined;
}
export type State = 
/** Made with `connect: false`, and not told to connect yet. */
{
    readonly status: "idle";
}
/** From asking for the token to the server's welcome. */
 | {
    readonly status: "connecting";
    readonly attempt: number;
} | {
    readonly status: "open";
    /** The connection's id: `from` in the events that it causes. */
    readonly id: string;
    /** Who the server takes this connection for, `null` for nobody. */
    readonly user: User | null;
}
/** Lost, and coming back at `retryAt` (milliseconds since 1970). */
 | {
    readonly status: "waiting";
    readonly attempt: number;
    readonly retryAt: number;
    readonly cause: Cause;
}
/** For good, until `connect()` is called. */
 | {
    readonly status: "closed";
    readonly cause: Cause;
};
export interface User {
    readonly id: string;
    readonly name: string;
}
/** Why there is no connection. */
export interface Cause {
    /**
     * - `lost`: the network or the server went away; the client comes back by itself.
     * - `user`: `disconnect()` was called.
     * - `asked`: the server asked the client to stay away.
     * - `refused`: a close code of 4500 or more.
     * - `unauthorized`: two refusals in a row, or the token provider gave `null`.
     * - `upgrade-required`: the server no longer speaks this version of the protocol: load the page anew.
     * - `unusable`: no WebSocket here, or no usable URL.
     */
    readonly kind: "lost" | "user" | "asked" | "refused" | "unauthorized" | "upgrade-required" | "unusable";
    /** A sentence for people. */
    readonly message: string;
    /** The close code; 0 where there was none, because it was given up here. */
    readonly closeCode?: number | undefined;
    /**
     * With `upgrade-required`, what the server said of itself; absent where only the close code came. Of
     * other refusals the data of their error.
     */
    readonly upgrade?: Upgrade | undefined;
}
/** What a server speaks that does not understand this client's version of the protocol any more. */
export interface Upgrade {
    /** The protocol's name. */
    readonly name: string;
    /** The fingerprint of the server's version, where it knows that. */
    readonly fingerprint?: string;
    /** What changed since this client's version, where the server knows that one. */
    readonly changes?: readonly {
        /** The rule that the change breaks: `FIELD_ADDED_REQUIRED`. */
        readonly rule: string;
        /** Where, from the message's root: `chat.param.kind`. */
        readonly path: string;
        /** What happened there, as the rest of a sentence about the path. */
        readonly reason: string;
    }[];
}
/**
 * The protocol's own errors. A command's own ones stand beside them in the emitted file, and a switch
 * over `code` tells them apart. A newer server may send a code that is not listed: keep a `default`.
 */
export type BuiltinError = Fault<"invalid-message" | "unauthorized" | "forbidden" | "not-joined"> | Fault<"unknown-channel" | "invalid-channel" | "timeout" | "cancelled"> | Fault<"outcome-unknown" | "unavailable" | "aborted" | "queue-full"> | Fault<"unknown-command", {
    readonly cmd: string;
    readonly similar?: string;
}> | Fault<"invalid-param", {
    readonly path: string;
    readonly reason: string;
}> | Fault<"rate-limited", {
    readonly retryAfter: number;
}> | Fault<"too-large" | "too-many", {
    readonly limit: number;
}> | Fault<"upgrade-required", Upgrade> | Fault<"internal", {
    readonly incident: string;
}> | (Fault<"disconnected"> & {
    /** Whether the server may have got the command, and may have done it. */
    readonly sent: boolean;
});
/** One error: a stable `code`, a `message` for people, and what the code declares as `data`. */
export interface Fault<Code extends string, Data = unknown> {
    readonly code: Code;
    readonly message: string;
    readonly data: Data;
}
/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export declare class SocketError extends Error {
    /** Kebab-case and stable: the protocol's, the command's own, or one that only the client makes. */
    readonly code: string;
    /** What the code declares. Checked by nobody: it is what the server sent. */
    readonly data: unknown;
    /** With `disconnected`: whether the server may have got the command. Else `false`. */
    readonly sent: boolean;
    /** The message is the code where none is given. */
    constructor({ code, message, data, sent, cause }: ErrorFields);
}
/** What a `SocketError` is made of, on the wire too: fields that it does not know are left out. */
export interface ErrorFields {
    readonly code?: string | undefined;
    readonly message?: string | undefined;
    readonly data?: unknown;
    readonly sent?: boolean | undefined;
    readonly cause?: unknown;
}
/** What the client needs of a WebSocket: the one of browsers and the one of the package `ws` have it. */
export interface WebSocketLike {
    readonly bufferedAmount: number;
    onopen: ((event: never) => void) | null;
    onmessage: ((event: never) => void) | null;
    onclose: ((event: never) => void) | null;
    onerror: ((event: never) => void) | null;
    /**
     * `true` where whoever awaits one message goes on before the next is handed over, so that the client need not
     * see to it. The server for tests says so. Default: the client sees to it.
     */
    readonly inTurn?: boolean;
    send(data: string): void;
    close(code?: number, reason?: string): void;
}
export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;
/** Which part of the client an error comes from: the first argument of `onError`. */
export type ErrorSource = 
/** The connection was lost or refused, as `state` says too; or there was no new token for it. */
"connection"
/** A message given to `send` cannot be written as JSON. It was not sent. */
 | "send"
/** The server refused a message that was sent without waiting for its reply. */
 | "server"
/** The server sent something that is not of the protocol. */
 | "message"
/** A channel was lost: the server took this connection out, or did not let it in again. */
 | "channel"
/** Messages that waited in the queue were given up. */
 | "queue"
/** One of your functions threw. */
 | "handler";
/** What a socket is made of. `onGap` is required where the protocol keeps history. */
export type Options<P extends ProtocolShape<P>> = AllOptions<P> & GapOption<P>;
/**
 * Called when events of a channel may be missing, before the next one comes. Required where the
 * protocol keeps history, since the program must say what it does then; `room.onGap` is told too.
 * Default: a `gap` that nobody listens to is reported to `onError`.
 */
type GapOption<P> = P extends {
    history: true;
} ? {
    onGap: (gap: Gap) => void;
} : {
    onGap?: (gap: Gap) => void;
};
interface AllOptions<P extends ProtocolShape<P>> {
    /**
     * Where the server is: absolute, or relative to the page. `http` and `https` are read as `ws` and
     * `wss`. A function is asked at every attempt, and may take its time.
     */
    url: string | URL | (() => string | URL | Promise<string | URL>);
    /**
     * The token for the first message, asked for at every attempt. `expired`: the server refused the
     * last one, or it is about to run out. `null` stops the client: the state is `closed`, the cause
     * `unauthorized`. Default: none, for servers that go by a cookie.
     */
    token?: (ask: {
        readonly expired: boolean;
    }) => string | null | Promise<string | null>;
    /** Writes every frame to the console, with tokens, sessions and passwords masked. Default `false`. */
    debug?: boolean;
    /** Called after every welcome of the server, when everything that waited is on its way. */
    onOpen?: () => void;
    /** Called with every event of the protocol, after the handlers given to `on`. */
    onMessage?: (message: Message<P>) => void;
    /** Called with an event that the protocol does not list. Default: reported to `onError`. */
    onUnknown?: (message: UnknownMessage) => void;
    /**
     * Called with everything that goes wrong and that nobody waits for. Default: `console.error`, a lost
     * connection apart, which the state shows.
     */
    onError?: (source: ErrorSource, message: string, error: SocketError) => void;
    /** Connect at once. Default `true`; with `false`, `connect()` starts it. */
    connect?: boolean;
    /** ms until a call without an answer ends with `timeout`. Default 10,000. */
    callTimeout?: number;
    /** ms for one attempt to connect, token and URL included, below 10^9. Default 10,000. */
    connectTimeout?: number;
    /** The WebSocket to use. Default: the global one, which Node has from version 22 on. */
    WebSocket?: WebSocketClass;
    /** The time in ms since 1970. Default `Date.now`. */
    now?: () => number;
    /** A number from 0 up to 1. Default `Math.random`. */
    random?: () => number;
}
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
    call<K extends keyof P["commands"]>(message: Command<P, K>, options?: CallOptions): Promise<P["commands"][K]["reply"]>;
    /** Like `call`, with the error as a typed value. A `param` that contains itself is a `TypeError` there. */
    tryCall<K extends keyof P["commands"]>(message: Command<P, K>, options?: CallOptions): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
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
    on<K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents>(event: K, handler: Handler<K, EventsOf<P>[K]>): Off;
    /** Told when the server took this connection out, or did not let it in again after a break. */
    onClosed(handler: (error: SocketError) => void): Off;
    /** Told when events of this channel may be missing, before the next one comes. */
    onGap(handler: (gap: Gap) => void): Off;
    send<K extends P["channels"][Pattern]["commands"]>(cmd: K, ...rest: Rest<P["commands"][K], SendOptions>): SendResult;
    call<K extends P["channels"][Pattern]["commands"]>(cmd: K, ...rest: Rest<P["commands"][K], CallOptions>): Promise<P["commands"][K]["reply"]>;
    tryCall<K extends P["channels"][Pattern]["commands"]>(cmd: K, ...rest: Rest<P["commands"][K], CallOptions>): Promise<Result<P["commands"][K]["reply"], P["commands"][K]["error"] | BuiltinError>>;
}
/** The class of sockets of one protocol. */
export interface SocketClass<P extends ProtocolShape<P>> {
    new (options: Options<P>): Socket<P>;
    /** The positional form: `debug`, `onOpen`, `onMessage`, `onError` and `url` of the options. */
    new (debug: boolean, onOpen: () => void, onMessage: (message: Message<P>) => void, onError: (source: ErrorSource, message: string, error: SocketError) => void, url: string): Socket<P>;
}
/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export declare function define<P extends ProtocolShape<P>>(descriptor: Descriptor): SocketClass<P>;
export interface HistoryOptions extends CallOptions {
    /** Events at most. The server has a bound of its own, 300 unless it was set. Default 100. */
    limit?: number;
    /** Only what is older than this `at`: that of the first event of the page before. */
    before?: number;
}
/** Any event of a channel. */
export type ChannelMessage<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]> = {
    [K in P["channels"][Pattern]["events"]]: EventMessage<K, P["events"][K]>;
}[P["channels"][Pattern]["events"]];
export interface HistoryPage<Event> {
    /** Where the channel stands: the offset of its newest event. */
    readonly at: number;
    /** Changes when the history was lost. */
    readonly epoch: string;
    /** The oldest first, and never more than fit into a message. None: there are no older ones. */
    readonly events: readonly Event[];
}
/** The channels that keep history. */
type KeptBy<P extends ProtocolShape<P>> = {
    [K in keyof P["channels"]]: P["channels"][K] extends {
        history: true;
    } ? K : never;
}[keyof P["channels"]];
/** The events that a channel keeps, the newest page first: pass the first `at` of one as `before`. */
export declare function history<P extends ProtocolShape<P>, Pattern extends KeptBy<P>>(channel: Channel<P, Pattern>, { limit, before, ...options }?: HistoryOptions): Promise<HistoryPage<ChannelMessage<P, Pattern>>>;
export interface PresenceOptions extends CallOptions {
    /** Members at most. Default: the server's, 100. */
    limit?: number;
    /** Where to go on: `next` of the page before. */
    after?: string;
}
/** One page of a channel's members. */
export interface MemberPage {
    /** All members, also those of other pages. */
    readonly count: number;
    readonly members: readonly Member[];
    /** Where the next page begins; absent on the last. */
    readonly next?: string;
}
export interface Member {
    readonly connection: string;
    readonly user: User | null;
    /** What the channel's definition calls its presence. */
    readonly data?: unknown;
}
/** Who is in a channel that this connection is in, page by page. */
export declare function presence<P extends ProtocolShape<P>, Pattern extends keyof P["channels"]>(channel: Channel<P, Pattern>, { limit, after, ...options }?: PresenceOptions): Promise<MemberPage>;
export interface MessagesOptions {
    /** Only what was published to this channel. */
    channel?: string;
    /** Ends the iteration. */
    signal?: AbortSignal;
    /** Messages that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
    max?: number;
}
/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export declare function messages<P extends ProtocolShape<P>>(socket: Socket<P>, { channel, signal, max }?: MessagesOptions): AsyncIterableIterator<Message<P>>;
type Open = Extract<State, {
    status: "open";
}>;
export interface ReadyOptions {
    /** Ends the wait: `AbortSignal.timeout(5_000)` bounds it. Default: none, it may wait forever. */
    signal?: AbortSignal;
}
/**
 * The state of an open connection, at once where there is one, else as soon as there is. Rejects with
 * `disconnected` where the socket is closed for good, or comes to be (the `cause` is the state's), and with
 * `aborted` when `signal` says so. It connects nothing by itself, and `send` and `call` need not wait for it.
 */
export declare function ready<P extends ProtocolShape<P>>(socket: Socket<P>, { signal }?: ReadyOptions): Promise<Open>;
/** The parts of messages that hold what a definition declares. */
export type Revived = "event" | "reply" | "item" | "error";
/**
 * What a protocol takes as its `revive`: `part` gets each part that a definition declares, and gives it as the
 * program sees it. An event goes by its own name; a reply, an item and an error by their command's. What it
 * throws is the error that a call ends with, and for an event what `onError` is told instead.
 */
export declare function reviving(part: (what: Revived, name: string, value: unknown) => unknown): Revive;
export interface StreamOptions extends CallOptions {
    /** Items that wait to be read at most. Then it ends with `too-many`. Default 1,000. */
    max?: number;
}
/** The commands that answer with a stream. */
export type StreamingOf<P extends ProtocolShape<P>> = {
    [K in keyof P["commands"]]: P["commands"][K] extends {
        item: unknown;
    } ? K : never;
}[keyof P["commands"]];
/** What one of them streams. */
export type ItemOf<P extends ProtocolShape<P>, K extends keyof P["commands"]> = P["commands"][K] extends {
    item: infer Item;
} ? Item : never;
/** Its items, and with the last `next` the reply. */
export interface Stream<Item, Reply> extends AsyncIterator<Item, Reply, undefined> {
    [Symbol.asyncIterator](): this;
}
/**
 * Sends a command that streams, and gives its items as they come. Leaving the loop, or `signal`, tells
 * the server to stop. It ends with the server's reply, which `next` gives as its last value; it throws
 * what a call rejects with, `disconnected` where the connection broke in its middle. `timeout` is for
 * the whole of it. Default: 11 days.
 */
export declare function stream<P extends ProtocolShape<P>, K extends StreamingOf<P>>(socket: Socket<P>, command: Command<P, K>, { signal, max, timeout }?: StreamOptions): Stream<ItemOf<P, K>, P["commands"][K]["reply"]>;
export {};
