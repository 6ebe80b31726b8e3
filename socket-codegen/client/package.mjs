// What a user would publish: the folder of `--emit js` with the guide's package.json, packed by npm, and read
// by publint and by attw.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "package-"));

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw error ?? new Error(`failed: ${[command, ...args].join(" ")}`);
}

try {
  cpSync(join(root, "../../generated-ts/chat-js"), folder, { recursive: true });
  cpSync(join(root, "test/guide/package.json"), join(folder, "package.json"));
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true });
  for (const message of messages) process.stdout.write(`${formatMessage(message, pkg)}\n`);
  if (messages.length > 0) throw new Error(`publint has ${messages.length} things to say`);
  run("npm", "pack", "--silent", "--ignore-scripts");
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  run(join(root, "node_modules/.bin/attw"), tarball, "--profile", "esm-only", "--quiet");
} finally {
  rmSync(folder, { recursive: true });
}
