// Engines beside Node and the browsers: what npm put there for this machine.

import { existsSync } from "node:fs";
import { join } from "node:path";

const here = new URL("engines/node_modules/", import.meta.url).pathname;

/** They were asked for. Only where they were not, what needs them is skipped. */
export const isInstalled: boolean = existsSync(here);

/** The packages hold one binary for each machine. */
function engine(...places: string[]): string | undefined {
  return places.map((place) => join(here, place)).find(existsSync);
}

export const bun: string | undefined = engine(
  `@oven/bun-${process.platform}-${process.arch}/bin/bun`,
  "bun/bin/bun.exe",
);
export const deno: string | undefined = engine(
  `@deno/${process.platform}-${process.arch}-glibc/deno`,
  `@deno/${process.platform}-${process.arch}/deno`,
);

export function there(binary: string | undefined, name: string): string {
  if (binary === undefined) throw new Error(`e2e/engines holds no ${name} for this machine`);
  return binary;
}
