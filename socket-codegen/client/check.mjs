// Everything that must hold beside the tests. Each step prints its name, and the first that fails
// ends it.

import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));

const MINIMAL = "test/size/minimal.ts";

/**
 * Bytes, minified and gzipped, that may not be exceeded; where a fourth is given, beyond what that has.
 * ARCHITECTURE.md says what they are spent on.
 */
const SIZES = [
  ["connect, send, call, listen and join", MINIMAL, 5_120],
  ["the same where the protocol keeps history", "test/size/kept.ts", 154, MINIMAL],
  ["everything of the core", "dist/socket.ts", 6_144],
  ["the hooks for React", "test/size/react.ts", 300, MINIMAL],
];

function run(title, command, ...args) {
  process.stdout.write(`${title}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) fail(error ? String(error) : `failed: ${[command, ...args].join(" ")}`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const tsc = (name) => `node_modules/${name}/bin/tsc`;

run("biome", "node_modules/.bin/biome", "ci", ".");
run("dist is what src makes", process.execPath, "build.mjs", "--check");
run("src compiles", process.execPath, tsc("typescript"), "--noEmit", "-p", ".");
run(
  "types, TypeScript 5.0",
  process.execPath,
  tsc("typescript-5.0"),
  "-p",
  "test/types/tsconfig-5.0.json",
);
run("types, TypeScript 5.9", process.execPath, tsc("typescript"), "-p", "test/types");
run("types, TypeScript 7", process.execPath, tsc("typescript-7"), "-p", "test/types");

run("tests compile", process.execPath, tsc("typescript"), "-p", "test");
run("the guide compiles", process.execPath, tsc("typescript"), "-p", "test/guide");
run("end-to-end tests compile", process.execPath, tsc("typescript"), "-p", "e2e");

run("a package of what is emitted: publint and attw", process.execPath, "package.mjs");

run("type budget", process.execPath, "budget.mjs");

run("the first page shows what tsc says", process.execPath, "readme/picture.mjs", "--check");

/** Takes the client as TypeScript where the fixtures name its JavaScript, as most programs have it. */
const typescript = {
  name: "typescript",
  setup(build) {
    build.onResolve({ filter: /dist\/socket\.js$/ }, () => ({ path: `${root}/dist/socket.ts` }));
  },
};

/** Bytes of a program, as its users load it, of both forms the larger. React is theirs already. */
async function size(entry) {
  const builds = [[], [typescript]].map((plugins) =>
    build({
      absWorkingDir: root,
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      external: ["react"],
      write: false,
      plugins,
    }),
  );
  const bytes = (await Promise.all(builds)).map(
    ({ outputFiles }) => gzipSync(outputFiles[0].contents, { level: 9 }).length,
  );
  return Math.max(...bytes);
}

for (const [title, entry, most, without] of SIZES) {
  const bytes = (await size(entry)) - (without ? await size(without) : 0);
  process.stdout.write(`size of ${title}: ${bytes} B, at most ${most}\n`);
  if (bytes > most) fail("too large");
}
