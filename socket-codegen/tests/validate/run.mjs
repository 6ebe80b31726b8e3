// Runs the samples of samples.json against emitted validators: `node run.mjs FOLDER`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2]);
const samples = JSON.parse(readFileSync(new URL("samples.json", import.meta.url), "utf8"));
for (const { protocol, message, valid, invalid } of samples) {
  const file = pathToFileURL(join(folder, `${protocol}.validate.js`));
  const schema = (await import(file))[message]["~standard"];
  assert.equal(schema.version, 1);
  for (const value of valid) {
    const result = schema.validate(value);
    assert.deepEqual(result, { value }, `${message}: ${JSON.stringify(value)}`);
  }
  for (const [value, ...expected] of invalid) {
    const { issues = [] } = schema.validate(value);
    const found = issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    assert.deepEqual(found, expected, `${message}: ${JSON.stringify(value)}`);
  }
}

// A program that uses one validator carries no other.
const { buildSync } = createRequire(new URL("../../client/package.json", import.meta.url))("esbuild");
const { outputFiles } = buildSync({
  stdin: { contents: 'export { pingReply } from "./chat.validate.js";', resolveDir: folder },
  bundle: true,
  format: "esm",
  write: false,
});
const bundle = outputFiles[0].text;
assert.match(bundle, /timestamp/);
assert.doesNotMatch(bundle, /maxLength: 2/);
assert.doesNotMatch(bundle, /4294967295/);
