// React 18 and 19 in a real page, under StrictMode, against the mock server.

import { buildSync } from "esbuild";
import type { Browser } from "playwright-core";
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

/** The page's script, with that React. */
function bundled(react: string, reactDom: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [`${here}react/program.ts`],
    bundle: true,
    format: "iife",
    target: "es2022",
    // Its checks for mistakes are part of what is tested.
    define: { "process.env.NODE_ENV": '"development"' },
    alias: { react, "react-dom": reactDom },
    nodePaths: [`${here}../node_modules`],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

test.each([
  ["19", "react", "react-dom"],
  ["18", "react-18", "react-dom-18"],
])("React %s: one socket, one join, and the latest handler", async (major, react, reactDom) => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto("about:blank");
  await page.addScriptTag({ content: bundled(react, reactDom) });
  const steps = await page.evaluate(() => (globalThis as { result?: Promise<object> }).result);
  expect(complaints).toEqual([]);
  expect(steps).toEqual({
    version: expect.stringMatching(new RegExp(`^${major}\\.`)),
    mounted: [1, [expect.stringMatching(/^:(connect|join) room:1$/)], ["room:1"]],
    "the latest handler, and no new listener": [["hello first", "hello second"], 0],
    "unmounted and mounted again": [],
    "another name": "open joining",
    "left and joined": [[":join room:2", ":leave room:1"], ["room:2"]],
    back: [2, [":connect room:2"]],
    gone: [[], []],
  });
  await page.close();
});
