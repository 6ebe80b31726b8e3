// React: the socket's state, a channel for as long as a component is mounted, and events, as hooks. For
// React 18 and later.
import { useEffect, useInsertionEffect, useMemo, useRef, useState, useSyncExternalStore, } from "react";
/** What a server renders: there is no connection where no page is. */
const IDLE = { status: "idle" };
/** The socket's state. The component renders again when it changes. */
export function useSocketState(socket) {
    return useSyncExternalStore(socket.subscribe, () => socket.state, () => IDLE);
}
/**
 * Joins the channel when the component mounts, and leaves it when it unmounts or the name changes.
 * Mounting again at once, as StrictMode does, costs the server nothing.
 */
export function useChannel(socket, name) {
    const channel = useMemo(() => socket.channel(name), [socket, name]);
    const [known, setKnown] = useState();
    useEffect(() => {
        let mounted = true;
        const off = channel.onClosed((error) => setKnown({ channel, status: "closed", error }));
        channel.join().then(() => mounted && setKnown({ channel, status: "joined" }), 
        // A refusal is told to `onClosed` too; anything else is the end of the wish, or of the socket.
        () => { });
        return () => {
            mounted = false;
            off();
            channel.leave();
        };
    }, [channel]);
    // What is known of another channel says nothing of this one.
    return known?.channel === channel ? known : { channel, status: "joining" };
}
export function useEvent(source, event, handler) {
    const latest = useRef(handler);
    // Before any effect of this render, so that no event meets the handler of the last one.
    useInsertionEffect(() => {
        latest.current = handler;
    });
    useEffect(() => source.on(event, (...args) => latest.current(...args)), [source, event]);
}
