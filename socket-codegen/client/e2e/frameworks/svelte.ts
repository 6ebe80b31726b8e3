// The guide's stores for Svelte, in components that are mounted in a page. What happened is left as `result`.

import { mount, unmount } from "svelte";
import Room from "./Room.svelte";
import { place, say, seen, server, socket, task } from "./start.js";

async function run() {
  const steps: { [step: string]: unknown } = {};
  const show = () => mount(Room, { target: place, props: { socket } });
  const [first, second] = [show(), show()];
  await seen("open open");
  while (server.channels.length === 0) await task();
  steps["joined"] = server.channels;
  say("hi");
  await seen("open ann: hi open ann: hi");
  server.drop();
  await seen("waiting ann: hi waiting ann: hi");
  await seen("open ann: hi open ann: hi");
  await unmount(first);
  await task();
  await task();
  steps["one left"] = server.channels;
  say("still here");
  await seen("open ann: hi ann: still here");
  await unmount(second);
  await task();
  await task();
  steps["left"] = server.channels;
  return steps;
}

Object.assign(globalThis, { result: run() });
