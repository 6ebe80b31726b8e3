// One program, every engine: the generated client against the real server in Node, Bun, Deno, Chromium and
// Firefox.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import puppeteer from "puppeteer-core";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { launch } from "./chat.ts";
import { Bench } from "./conformance/bench.ts";
import { CHECKS } from "./conformance/checks.ts";
import { bun, deno, isInstalled, there } from "./engines.ts";
import { FIREFOX } from "./firefox.ts";

const here = new URL(".", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "conformance-"));

/** The program as one script. */
function bundled(entry: string, format: "esm" | "cjs"): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(here, "conformance", entry)],
    bundle: true,
    format,
    target: "es2022",
    platform: format === "cjs" ? "node" : "neutral",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

const script = bundled("with-own.ts", "esm");

let bench: Bench;
let child: ChildProcess | undefined;

beforeEach(async () => {
  bench = new Bench(script);
  await bench.start();
});

afterEach(async () => {
  child?.kill("SIGKILL");
  child = undefined;
  await bench.stop();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command with the bench's address behind its arguments. */
async function run(command: string, ...args: string[]): Promise<void> {
  child = spawn(command, [...args, bench.query], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await Promise.race([once(child, "exit"), bench.report.then(() => [0])]);
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Every check ran, and none failed. */
async function passed(): Promise<void> {
  const report = await bench.report;
  expect(report.filter(({ error }) => error)).toEqual([]);
  expect(report.map(({ name }) => name)).toEqual(Object.keys(CHECKS));
}

test("Node, with the package ws", async () => {
  await run(process.execPath, file("node.cjs", bundled("with-ws.ts", "cjs")));
  await passed();
});

test.skipIf(!isInstalled)("Bun (npm install --prefix e2e/engines)", async () => {
  await run(there(bun, "Bun"), "run", file("bun.mjs", script));
  await passed();
});

test.skipIf(!isInstalled)("Deno (npm install --prefix e2e/engines)", async () => {
  await run(there(deno, "Deno"), "run", "--allow-net", "--no-config", file("deno.mjs", script));
  await passed();
});

test("Chromium", async () => {
  const browser = await launch();
  try {
    await (await browser.newPage()).goto(bench.page);
    await passed();
  } finally {
    await browser.close();
  }
});

test("Firefox", async () => {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX });
  try {
    await (await browser.newPage()).goto(bench.page);
    await passed();
  } finally {
    await browser.close();
  }
});
