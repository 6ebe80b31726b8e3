// The guide's examples for React, Vue and Svelte, mounted in a real page, against the mock server.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import type { Browser } from "playwright-core";
import { compile, compileModule } from "svelte/compiler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./chat.ts";

const here = new URL(".", import.meta.url).pathname;
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

/** What svelte's compiler makes for a page. */
const svelte: Plugin = {
  name: "svelte",
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, ({ path }) => {
      const { js } = compile(readFileSync(path, "utf8"), { filename: path, css: "injected" });
      return { contents: js.code, loader: "js" };
    });
    onLoad({ filter: /\.svelte\.js$/ }, ({ path }) => {
      const { js } = compileModule(readFileSync(path, "utf8"), { filename: path });
      return { contents: js.code, loader: "js" };
    });
  },
};

async function bundled(entry: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, "frameworks", entry)],
    bundle: true,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    conditions: ["browser", "development"],
    // The frameworks' own checks for mistakes are part of what is tested.
    define: { "process.env.NODE_ENV": '"development"' },
    nodePaths: [`${here}../node_modules`],
    plugins: [svelte],
    write: false,
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

/** Runs a program in a page, and gives what it leaves behind. It may not complain. */
async function run(script: string, html = ""): Promise<unknown> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  const body = `<!doctype html><html lang="en"><title>Page</title><body>${html}</body></html>`;
  await page.route("http://chat.test/**", (route) =>
    route.fulfill({ contentType: "text/html", body }),
  );
  await page.goto("http://chat.test/");
  await page.addScriptTag({ content: script });
  const result = await page.evaluate(() => (globalThis as { result?: unknown }).result);
  expect(complaints).toEqual([]);
  await page.close();
  return result;
}

test("Vue: components join, hear, come back, and leave", async () => {
  const flags = { __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false" };
  const define = {
    "process.env.NODE_ENV": '"development"',
    ...flags,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  };
  expect(await run(await bundled("vue.ts", { define }))).toEqual({ joined: ["room:1"], left: [] });
});

test("Svelte: components join, hear, come back, and leave", async () => {
  expect(await run(await bundled("svelte.ts"))).toEqual({
    joined: ["room:1"],
    "one left": ["room:1"],
    left: [],
  });
});

test.each([
  ["19", "react", "react-dom"],
  ["18", "react-18", "react-dom-18"],
])("React %s: what a server rendered is taken over, and lives", async (major, react, dom) => {
  const alias = { react, "react-dom": dom };
  const code = await bundled("render.tsx", {
    alias,
    format: "cjs",
    platform: "node",
    conditions: [],
  });
  const file = join(tmpdir(), `render-${process.pid}-${major}.cjs`);
  writeFileSync(file, code);
  try {
    const rendered = (await import(file)) as { major: string; html: string };
    expect(rendered).toMatchObject({
      major,
      html:
        '<main><p role="status">idle</p><section aria-busy="true">' +
        '<button type="button">Greet</button></section></main>',
    });
    const script = await bundled("react.tsx", { alias });
    expect(await run(script, `<div id="page">${rendered.html}</div>`)).toEqual({
      before: rendered.html,
      channels: ["room:garden"],
      sent: ["chat"],
    });
  } finally {
    rmSync(file);
  }
});
