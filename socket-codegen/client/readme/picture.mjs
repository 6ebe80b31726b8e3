// The picture on the repository's first page: `page.ts` with what tsc says about it.
//
// `npm run picture` compiles `page.ts` against the chat's generated client, draws tsc's messages into
// `mistakes.svg`, and writes the same messages as text into the repository's README. With `--check` it
// writes nothing and exits with 1 if either is stale.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const PICTURE = join(here, "mistakes.svg");
const README = join(root, "README.md");
const TSC = join(here, "../node_modules/typescript/bin/tsc");
const OPTIONS = ["--strict", "--target", "es2022", "--module", "esnext"];

/** Between these two lines the README shows the messages. */
const BEGIN = "<!-- What tsc says: made by `npm run picture` in socket-codegen/client. -->";
const END = "<!-- End of what tsc says. -->";

/** The output of tsc on `page.ts`, with the chat's client beside it as in a user's project. */
function compile(source) {
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  try {
    writeFileSync(join(folder, "page.ts"), source);
    cpSync(join(root, "generated-ts/chat"), join(folder, "socket"), { recursive: true });
    const run = (...more) => {
      const args = [
        TSC,
        "--noEmit",
        ...OPTIONS,
        "--moduleResolution",
        "bundler",
        ...more,
        "page.ts",
      ];
      const { stdout, error } = spawnSync(process.execPath, args, {
        cwd: folder,
        encoding: "utf8",
      });
      if (error) throw error;
      return stdout;
    };
    return { plain: run("--pretty", "false").trim(), pretty: run("--pretty", "true") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What tsc reports: line, column, how many columns it underlines, code and text. */
function mistakes({ plain, pretty }) {
  const reported = plain.split("\n").map((line) => {
    const found = /^page\.ts\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line);
    if (!found) throw new Error(`not a message of tsc about page.ts: ${line}`);
    const [, row, column, code, text] = found;
    return { line: Number(row), column: Number(column), code, text };
  });
  // Only the pretty form draws how far a mistake reaches: once per message, in red.
  const red = pretty.matchAll(new RegExp(`${String.fromCharCode(27)}\\[91m *(~+)`, "g"));
  const lengths = [...red].map(([, wave]) => wave.length);
  if (lengths.length !== reported.length)
    throw new Error("tsc underlines another number of places");
  return reported.map((mistake, index) => ({ ...mistake, length: lengths[index] }));
}

const COLUMNS = 94;
const CHARACTER = 8.4;
const ROW = 21;
const LEFT = 52;
const TOP = 62;
const COLOR = { text: "#e6edf3", string: "#a5d6ff", keyword: "#ff7b72", number: "#6e7681" };

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** One line of text. Its width is set, so that columns meet in whichever font there is. */
function line(x, y, text, spans = escaped(text), attributes = "") {
  const width = (text.length * CHARACTER).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${width}" ${attributes}xml:space="preserve">${spans}</text>`;
}

function colored(code) {
  const tokens = /(`[^`]*`|"[^"]*")|\b(const|await|new)\b/g;
  return escaped(code).replace(tokens, (token, string) => {
    return `<tspan fill="${string ? COLOR.string : COLOR.keyword}">${token}</tspan>`;
  });
}

/** The text in lines that fit. */
function wrapped(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last.length + word.length + 1 > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

function wave(x, y, columns) {
  const steps = Math.round((columns * CHARACTER) / 4);
  return `<path d="M${x} ${y}${"q1 -3 2 0t2 0".repeat(steps)}" fill="none" stroke="#f85149" stroke-width="1.4"/>`;
}

function draw(source, found) {
  const drawn = [];
  let y = TOP;
  // The import is the same in every program; the picture begins below it.
  const first =
    source.indexOf("\n\n") === -1
      ? 0
      : source.slice(0, source.indexOf("\n\n")).split("\n").length + 1;
  const code = source.trimEnd().split("\n");
  for (const [index, text] of code.entries()) {
    if (index < first) continue;
    const number = String(index + 1);
    drawn.push(line(LEFT - 26, y, number, number, `fill="${COLOR.number}" `));
    if (text !== "") drawn.push(line(LEFT, y, text, colored(text)));
    for (const mistake of found.filter((one) => one.line === index + 1)) {
      drawn.push(wave(LEFT + (mistake.column - 1) * CHARACTER, y + 5, mistake.length));
      for (const part of wrapped(`${mistake.code}: ${mistake.text}`)) {
        y += ROW;
        drawn.push(line(LEFT, y, part, escaped(part), 'fill="#ff9a93" '));
      }
      y += 5;
    }
    y += ROW;
  }
  const width = Math.ceil(LEFT + COLUMNS * CHARACTER + 16);
  const height = y;
  const title = `A page with ${found.length} mistakes, each underlined by the TypeScript compiler.`;
  const said = found.map(({ line, code, text }) => `Line ${line}: ${code}: ${text}`).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title said">
<title id="title">${title}</title>
<desc id="said">${escaped(said)}</desc>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<path d="M0 36H${width}" stroke="#30363d"/>
<g fill="#484f58"><circle cx="20" cy="18" r="5"/><circle cx="38" cy="18" r="5"/><circle cx="56" cy="18" r="5"/></g>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${COLOR.text}">
${line(80, 23, "page.ts", "page.ts", `fill="${COLOR.number}" `)}
${drawn.join("\n")}
</g>
</svg>
`;
}

/** The README with these messages between its two marks. */
function told(readme, plain) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from === -1 || to < from) throw new Error(`README.md lacks the lines ${BEGIN} and ${END}`);
  const block = `${BEGIN}\n\`\`\`text\n${plain}\n\`\`\`\n`;
  return readme.slice(0, from) + block + readme.slice(to);
}

const source = readFileSync(join(here, "page.ts"), "utf8");
const output = compile(source);
const wanted = [
  [PICTURE, draw(source, mistakes(output))],
  [README, told(readFileSync(README, "utf8"), output.plain)],
];
for (const [file, content] of wanted) {
  if (!process.argv.includes("--check")) {
    writeFileSync(file, content);
  } else if (readFileSync(file, "utf8") !== content) {
    process.stderr.write(`${file} is stale: run \`npm run picture\` in socket-codegen/client\n`);
    process.exitCode = 1;
  }
}
