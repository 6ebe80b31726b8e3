// The guide's functions for Vue, in components that are mounted in a page. What happened is left as `result`.

import { createApp, defineComponent, h, onScopeDispose, ref } from "vue";
import { useChannel, useSocketState } from "../../test/guide/vue.js";
import { place, say, seen, server, socket, task } from "./start.js";

const Room = defineComponent({
  setup() {
    const state = useSocketState(socket);
    const { channel, status } = useChannel(socket, "room:1");
    const lines = ref<string[]>([]);
    onScopeDispose(channel.on("chat", ({ user, text }) => lines.value.push(`${user}: ${text}`)));
    return () => h("p", [state.value.status, status.value, ...lines.value].join(" "));
  },
});

const isShown = ref(true);
const app = createApp({
  setup: () => () => (isShown.value ? h("div", [h(Room), h(Room)]) : "gone"),
});

async function run() {
  const steps: { [step: string]: unknown } = {};
  app.mount(place);
  await seen("open joinedopen joined");
  steps["joined"] = server.channels;
  say("hi");
  await seen("open joined ann: hiopen joined ann: hi");
  server.drop();
  await seen("waiting joined ann: hiwaiting joined ann: hi");
  await seen("open joined ann: hiopen joined ann: hi");
  server.expel("room:1");
  await seen("open closed ann: hiopen closed ann: hi");
  isShown.value = false;
  await seen("gone");
  isShown.value = true;
  await seen("open joinedopen joined");
  app.unmount();
  await task();
  await task();
  steps["left"] = server.channels;
  return steps;
}

Object.assign(globalThis, { result: run() });
