import { onScopeDispose, type ShallowRef, shallowRef } from "vue";
import type { Channels, Socket } from "./generated/index.js";
import type { State } from "./generated/socket.js";

/** The socket's state, for templates and watchers. */
export function useSocketState(socket: Socket): Readonly<ShallowRef<State>> {
  const state = shallowRef(socket.state);
  onScopeDispose(socket.subscribe((now) => (state.value = now)));
  return state;
}

/** A channel that is joined for as long as the component is there. */
export function useChannel<Name extends Channels[keyof Channels]["name"]>(
  socket: Socket,
  name: Name,
) {
  const channel = socket.channel(name);
  const status = shallowRef<"joining" | "joined" | "closed">("joining");
  const off = channel.onClosed(() => (status.value = "closed"));
  channel.join().then(
    () => (status.value = "joined"),
    () => {},
  );
  onScopeDispose(() => {
    off();
    channel.leave();
  });
  return { channel, status };
}
