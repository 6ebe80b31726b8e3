import type { BuiltinEvents, Channel, ChannelName, EventsOf, Handler, Off, PatternOf, ProtocolShape, Socket, SocketError, State } from "./socket.js";
/** The socket's state. The component renders again when it changes. */
export declare function useSocketState(socket: {
    readonly state: State;
    readonly subscribe: (listener: (state: State) => void) => Off;
}): State;
/** A channel, and whether this connection is in it. */
export type UsedChannel<Room> = 
/** Asked for, or waiting for the connection. */
{
    readonly channel: Room;
    readonly status: "joining";
    readonly error?: undefined;
}
/** Also while the connection is away: it is joined again when it is back. */
 | {
    readonly channel: Room;
    readonly status: "joined";
    readonly error?: undefined;
}
/** The server refused, or took this connection out. Mount again, or `channel.join()`, to retry. */
 | {
    readonly channel: Room;
    readonly status: "closed";
    readonly error: SocketError;
};
/**
 * Joins the channel when the component mounts, and leaves it when it unmounts or the name changes.
 * Mounting again at once, as StrictMode does, costs the server nothing.
 */
export declare function useChannel<P extends ProtocolShape<P>, Name extends ChannelName<P>>(socket: Socket<P>, name: Name): UsedChannel<Channel<P, PatternOf<P, Name>>>;
/**
 * Calls the handler with every such event of a socket, or of one channel, while the component is
 * mounted. It is always the handler of the last render, so it needs no `useCallback`.
 */
export declare function useEvent<P extends ProtocolShape<P>, K extends keyof EventsOf<P>>(source: Socket<P>, event: K, handler: Handler<K, EventsOf<P>[K]>): void;
export declare function useEvent<P extends ProtocolShape<P>, Pattern extends keyof P["channels"], K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents>(source: Channel<P, Pattern>, event: K, handler: Handler<K, EventsOf<P>[K]>): void;
