import type { BuiltinError, ChannelName, Empty, EventsOf, ItemOf, Options as SocketOptions, ProtocolShape, Socket, SocketClass, User, WebSocketClass } from "./socket.js";
/** The server's no: what a handler gives back instead of a reply. Made by `refuse`. */
export declare class Refusal<E> {
    readonly error: E;
    constructor(error: E);
}
/** Refuses: `server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }))`. */
export declare function refuse<const E extends {
    code: string;
    message?: string;
    data?: unknown;
}>(error: E): Refusal<E>;
/** An error as a server may send it. The message may be left out, and data that says nothing too. */
export type Refusable<E> = E extends {
    code: infer Code;
} ? Code extends "aborted" | "queue-full" | "disconnected" ? never : {
    readonly code: Code;
    readonly message?: string;
} & DataOf<E> : never;
type DataOf<E> = E extends {
    data: infer Data;
} ? unknown extends Data ? {
    readonly data?: unknown;
} : {
    readonly data: Data;
} : unknown;
type ParamOf<P extends ProtocolShape<P>, K extends keyof P["commands"]> = Exclude<P["commands"][K]["param"], undefined>;
/** What crossed the wire: a `bigint` is the text of its digits there. Nothing else differs. */
export type OnWire<T> = unknown extends T ? T : T extends bigint ? `${bigint}` : T extends string | number | boolean | null | undefined ? T : {
    [K in keyof T]: OnWire<T[K]>;
};
/** The parameters of a command as they arrived. */
export type Arrived<P extends ProtocolShape<P>, K extends keyof P["commands"]> = OnWire<ParamOf<P, K>>;
type Ending<P extends ProtocolShape<P>, K extends keyof P["commands"]> = P["commands"][K]["reply"] | (Empty extends P["commands"][K]["reply"] ? void : never) | Refusal<Refusable<P["commands"][K]["error"] | BuiltinError>>;
/**
 * What a handler answers: the reply, nothing where it has no fields, or a refusal. A command that streams
 * may be answered by a generator: it yields the items, and returns one of these.
 */
export type Answer<P extends ProtocolShape<P>, K extends keyof P["commands"]> = Ending<P, K> | (P["commands"][K] extends {
    item: unknown;
} ? Generator<ItemOf<P, K>, Ending<P, K>, undefined> | AsyncGenerator<ItemOf<P, K>, Ending<P, K>, undefined> : never);
/** A command as it arrived. */
export interface Sent<P extends ProtocolShape<P>, K extends keyof P["commands"]> {
    readonly cmd: K;
    readonly param: Arrived<P, K>;
    readonly channel?: string;
    /** Present where the client waits for the reply. */
    readonly id?: number;
}
/** Any command as it arrived: a union to switch over by `cmd`. */
export type AnySent<P extends ProtocolShape<P>> = {
    [K in keyof P["commands"]]: Sent<P, K>;
}[keyof P["commands"]];
/** The channels that carry an event. */
export type ChannelOf<P extends ProtocolShape<P>, K> = {
    [Pattern in keyof P["channels"]]: K extends P["channels"][Pattern]["events"] | "online-update" | "presence-update" ? P["channels"][Pattern]["name"] : never;
}[keyof P["channels"]];
/** The patterns of the channels that keep history. */
export type KeptPattern<P extends ProtocolShape<P>> = {
    [K in keyof P["channels"]]: P["channels"][K] extends {
        history: true;
    } ? K : never;
}[keyof P["channels"]];
/** The names of the channels that keep history. */
export type KeptName<P extends ProtocolShape<P>> = P["channels"][KeptPattern<P>]["name"];
/** Where an event goes, and what stands in it beside its parameters. */
export interface EmitOptions<P extends ProtocolShape<P>, K> {
    /** Its members hear it. Default: every client, without a channel. */
    channel?: ChannelOf<P, K>;
    /** The id of the connection that caused it. */
    from?: string;
    /** Its offset. Default: the next one where the channel keeps history, else none. */
    at?: number;
    /** `false`: as of a `latest` or `volatile` event, which no history keeps. Default `true`. */
    kept?: boolean;
}
export interface MockOptions<P extends ProtocolShape<P>> {
    /** Who the client is. Default `null`: nobody. */
    user?: User | null;
    /** The channel that the connection is in from the start. Default: none. */
    channel?: string;
    /** Lets a client in, by its token, or not. Default: everybody, as `user`. */
    connect?: (ask: {
        token?: string;
    }) => User | null | Refusal<Refusable<BuiltinError>>;
    /** Lets into a channel, or not. Default: into all. */
    join?: (channel: string) => undefined | Refusal<Refusable<BuiltinError>>;
    /**
     * The channels that keep what is emitted to them, by their patterns: `["room:{room}"]`. Who comes back
     * gets what was missed, and `history` what was before. Default: none of them does.
     */
    history?: readonly KeptPattern<P>[];
    /** ms; see `spread` of the protocol. Default 50, so that clients are back soon. */
    spread?: number;
    /** ms until the token runs out. Default: never. */
    expires?: number;
}
/** What `expectSent` and the like throw. */
export declare class MockError extends Error {
    readonly name: string;
}
/**
 * A server of that protocol. Give its `WebSocket` to the sockets of your program, as the option or as the
 * global one:
 *
 * ```ts
 * const server = new MockServer(Socket);
 * server.on("join-room", ({ room }) => ({ room, members: 1 }));
 * const socket = new Socket({ url: "ws://mock", WebSocket: server.WebSocket });
 * ```
 */
export declare class MockServer<P extends ProtocolShape<P>> {
    #private;
    /** What to give to clients. */
    readonly WebSocket: WebSocketClass;
    constructor(Socket: SocketClass<P>, options?: MockOptions<P>);
    /** A socket that is connected to this server; the options are those of every socket. */
    socket(options?: Partial<SocketOptions<P>>): Socket<P>;
    /** Everything that clients sent, oldest first, but for the protocol's own commands. */
    get sent(): readonly AnySent<P>[];
    /** Forgets what was sent until now. */
    clear(): void;
    /** The channels that some client is in. */
    get channels(): readonly string[];
    /** Resolves when a client is let in: at once where one is. */
    opened(): Promise<void>;
    /**
     * What answers a command from now on: a reply, or a function that gives one or refuses. One that streams
     * takes a generator function too: it yields the items and returns the reply. It is ended where it stands
     * when the client stops the stream or is gone.
     */
    on<K extends keyof P["commands"]>(cmd: K, reply: P["commands"][K]["reply"] | ((param: Arrived<P, K>, sent: Sent<P, K>) => Answer<P, K> | Promise<Answer<P, K>>)): void;
    /**
     * Sends an event to the members of `channel`, or without one to every client. A channel that keeps
     * history takes it also while nobody is there, and who comes back gets it then.
     */
    emit<K extends keyof EventsOf<P>>(event: K, param: EventsOf<P>[K], { kept, at, ...to }?: EmitOptions<P, K>): void;
    /** Puts every client into a channel, as a server does in answer to a command. */
    admit(channel: ChannelName<P>): void;
    /**
     * Loses what a channel kept. Its members are told of a gap now, and who was away is told of one on
     * coming back.
     */
    gap(channel: KeptName<P>): void;
    /** Takes every client out of a channel, as a server does that revokes a membership. */
    expel(channel: string, error?: Refusable<BuiltinError>): void;
    /**
     * Ends every connection with a close code: 1006, the default, is a network that broke. From 4500 on
     * clients stay away; after any other they come back.
     */
    drop(code?: number, reason?: string): void;
    /** Is out of reach until `start()`: ends every connection, and fails every new one. */
    stop(): void;
    /** Can be reached again. */
    start(): void;
    /** The newest such command. Throws a `MockError` where none was sent: it tells what was. */
    expectSent<K extends keyof P["commands"]>(cmd: K, param?: P["commands"][K]["param"], where?: {
        channel?: string;
    }): Sent<P, K>;
}
export {};
