// The guide's snippets: each is a file of test/guide, compiled by `npm run check` and run here.

import { readdirSync, readFileSync } from "node:fs";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { compile } from "svelte/compiler";
import { render } from "svelte/server";
import { get } from "svelte/store";
import { expect, test } from "vitest";
import { effectScope } from "vue";
import { MockServer } from "../dist/socket.testing.js";
import { Socket } from "./fixtures/chat/chat.ts";
import Page from "./guide/page.tsx";
import { lines } from "./guide/svelte.ts";
import { useChannel, useSocketState } from "./guide/vue.ts";
import { pass } from "./server.ts";

const folder = new URL("guide/", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, folder), "utf8");

// `kept/` shows what needs a protocol that keeps history.
const files = ["", "kept/"].flatMap((path) =>
  readdirSync(new URL(path, folder))
    .filter((name) => /\.(tsx?|svelte|mjs)$/.test(name))
    .map((name) => path + name),
);

test.each(files)("the guide shows %s as it is", (name) => {
  const kind = name.slice(name.lastIndexOf(".") + 1);
  expect(text("../../GUIDE.md")).toContain(`\`\`\`${kind}\n${text(name)}\`\`\`\n`);
});

test("the guide shows no other TypeScript", () => {
  const blocks = text("../../GUIDE.md").match(/^```(?:tsx?|svelte|m?js)$/gm);
  expect(blocks).toHaveLength(files.length);
});

test("Next renders it on a server, where no window is", () => {
  expect("window" in globalThis).toBe(false);
  expect(renderToString(createElement(Page))).toBe(
    '<main><p role="status">idle</p><section aria-busy="true">' +
      '<button type="button">Greet</button></section></main>',
  );
});

test("Vue: the state is a ref, and a channel is left with its component", async () => {
  const server = new MockServer(Socket);
  const socket = server.socket();
  const component = effectScope();
  const used = component.run(() => ({
    state: useSocketState(socket),
    room: useChannel(socket, "room:1"),
  }));
  if (!used) throw new Error("the scope is not active");
  expect(used.state.value.status).toBe("connecting");
  await server.opened();
  await pass(0);
  expect(used.state.value).toBe(socket.state);
  expect([used.room.status.value, server.channels]).toEqual(["joined", ["room:1"]]);
  server.expel("room:1");
  expect(used.room.status.value).toBe("closed");
  await used.room.channel.join();
  component.stop();
  await pass(0);
  expect(server.channels).toEqual([]);
  socket.disconnect();
  expect(used.state.value.status).toBe("open");
});

test("Svelte: the socket is a store of its state", async () => {
  const server = new MockServer(Socket);
  const socket = server.socket();
  expect(get(socket)).toBe(socket.state);
  await server.opened();
  const { js } = compile(text("Status.svelte"), { generate: "server", name: "Status" });
  const code = js.code.replace(
    /from '(svelte[^']*)'/g,
    (_, path: string) => `from '${import.meta.resolve(path)}'`,
  );
  const module = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  );
  expect(render(module.default, { props: { socket } }).body).toContain("<p>open</p>");
});

test("Svelte: a room is joined while somebody looks at it", async () => {
  const server = new MockServer(Socket);
  const socket = server.socket();
  await server.opened();
  const room = lines(socket, "room:1");
  let seen: readonly string[] = [];
  const off = room.subscribe((now) => {
    seen = now;
  });
  await pass(0);
  server.emit("chat", { user: "ann", text: "hi", time: 1 }, { channel: "room:1" });
  expect(seen).toEqual(["ann: hi"]);
  off();
  await pass(0);
  expect(server.channels).toEqual([]);
});

test("the README has a row for every option, and no other", () => {
  const source = text("../../src/options.ts");
  const options = source.slice(source.indexOf("interface AllOptions"));
  const named = [...options.slice(0, options.indexOf("\n}\n")).matchAll(/^ {2}(\w+)\??: /gm)];
  const table = text("../../README.md").split("## Options")[1]?.split("\n## ")[0] ?? "";
  const rows = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)];
  const listed = rows.flatMap(([, names = ""]) => names.match(/\w+/g) ?? []);
  expect(listed.sort()).toEqual([...named.map(([, name]) => name), "onGap"].sort());
});
