// Made by socket-codegen 0.1.0.
// React: the socket's state, a channel for as long as a component is mounted, and events, as hooks. For
// React 18 and later.

import {
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type {
  BuiltinEvents,
  Channel,
  ChannelName,
  EventsOf,
  Handler,
  Off,
  PatternOf,
  ProtocolShape,
  Socket,
  SocketError,
  State,
} from "./socket.js";

/** What a server renders: there is no connection where no page is. */
const IDLE: State = { status: "idle" };

/** The socket's state. The component renders again when it changes. */
export function useSocketState(socket: {
  readonly state: State;
  readonly subscribe: (listener: (state: State) => void) => Off;
}): State {
  return useSyncExternalStore(
    socket.subscribe,
    () => socket.state,
    () => IDLE,
  );
}

/** A channel, and whether this connection is in it. */
export type UsedChannel<Room> =
  /** Asked for, or waiting for the connection. */
  | { readonly channel: Room; readonly status: "joining"; readonly error?: undefined }
  /** Also while the connection is away: it is joined again when it is back. */
  | { readonly channel: Room; readonly status: "joined"; readonly error?: undefined }
  /** The server refused, or took this connection out. Mount again, or `channel.join()`, to retry. */
  | { readonly channel: Room; readonly status: "closed"; readonly error: SocketError };

/**
 * Joins the channel when the component mounts, and leaves it when it unmounts or the name changes.
 * Mounting again at once, as StrictMode does, costs the server nothing.
 */
export function useChannel<P extends ProtocolShape<P>, Name extends ChannelName<P>>(
  socket: Socket<P>,
  name: Name,
): UsedChannel<Channel<P, PatternOf<P, Name>>> {
  const channel = useMemo(() => socket.channel(name), [socket, name]);
  const [known, setKnown] = useState<UsedChannel<typeof channel>>();
  useEffect(() => {
    let mounted = true;
    const off = channel.onClosed((error) => setKnown({ channel, status: "closed", error }));
    channel.join().then(
      () => mounted && setKnown({ channel, status: "joined" }),
      // A refusal is told to `onClosed` too; anything else is the end of the wish, or of the socket.
      () => {},
    );
    return () => {
      mounted = false;
      off();
      channel.leave();
    };
  }, [channel]);
  // What is known of another channel says nothing of this one.
  return known?.channel === channel ? known : { channel, status: "joining" };
}

/**
 * Calls the handler with every such event of a socket, or of one channel, while the component is
 * mounted. It is always the handler of the last render, so it needs no `useCallback`.
 */
export function useEvent<P extends ProtocolShape<P>, K extends keyof EventsOf<P>>(
  source: Socket<P>,
  event: K,
  handler: Handler<K, EventsOf<P>[K]>,
): void;
export function useEvent<
  P extends ProtocolShape<P>,
  Pattern extends keyof P["channels"],
  K extends P["channels"][Pattern]["events"] | keyof BuiltinEvents,
>(source: Channel<P, Pattern>, event: K, handler: Handler<K, EventsOf<P>[K]>): void;
export function useEvent(source: object, event: PropertyKey, handler: AnyHandler): void {
  const latest = useRef(handler);
  // Before any effect of this render, so that no event meets the handler of the last one.
  useInsertionEffect(() => {
    latest.current = handler;
  });
  useEffect(
    () => (source as AnySource).on(event, (...args) => latest.current(...args)),
    [source, event],
  );
}

type AnyHandler = (...args: never[]) => void;

/** What a socket and a channel have in common, without their types. */
interface AnySource {
  on(event: PropertyKey, handler: AnyHandler): Off;
}
