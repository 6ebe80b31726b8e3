// Reads AsyncAPI documents with the official parser: `node asyncapi.mjs FILE...`. Prints what it has
// to say, and ends with 1 where that is more than advice.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

// The parser's own levels: errors are 0, warnings 1, and the rest is advice.
const ADVICE = 2;

const parser = new Parser();
for (const file of process.argv.slice(2)) {
  for (const { severity, message, path } of await parser.validate(readFileSync(file, "utf8"))) {
    if (severity < ADVICE) {
      process.exitCode = 1;
      process.stderr.write(`${file}: ${path.join(".")}: ${message}\n`);
    }
  }
}
