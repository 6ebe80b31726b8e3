// Joins the modules of src/ into dist/socket.ts, takes those that users import apart as they are, and lets tsc
// make the .js and .d.ts of all. `--check` writes nothing and fails if dist/ is not what the source makes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(fileURLToPath(import.meta.url));
const src = join(root, "src");
const dist = join(root, "dist");

/** What users import apart, each from a file of its own. */
const BESIDE = {
  "socket.bigint.ts": "bigint.ts",
  "socket.names.ts": "names.ts",
  "socket.react.ts": "react.ts",
  "socket.testing.ts": "testing.ts",
  "socket.validate.ts": "validate.ts",
};

const HEADER = `// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:`;

/** Whether an import stays one: what users install, and in files that stand apart the joined one. */
const isOutside = (from) => !from.startsWith(".") || INDEX.test(from);

/** The joined file, as modules of any folder name it. */
const INDEX = /^\.\.?\/index\.js$/;

/** Reads a module and those that it imports, lowest first: a section uses what stands above it. */
function collect(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const order = { file, text, tree };
  seen.set(file, null);
  for (const statement of tree.statements) {
    const from = statement.moduleSpecifier?.text;
    // Types may look upwards, and have no order when the program runs.
    if (!from || isOutside(from)) continue;
    if (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly) continue;
    collect(resolve(dirname(file), from.replace(/\.js$/, ".ts")), seen);
  }
  for (const statement of tree.statements) {
    const from = statement.moduleSpecifier?.text;
    if (from && !isOutside(from))
      collect(resolve(dirname(file), from.replace(/\.js$/, ".ts")), seen);
  }
  // Re-inserted at the end, so that the map's order is the order of completion.
  seen.delete(file);
  seen.set(file, order);
  return seen;
}

/** The names that index.ts exports. */
function publicNames(index) {
  const names = new Set();
  for (const statement of index.tree.statements) {
    if (!ts.isExportDeclaration(statement)) continue;
    for (const element of statement.exportClause.elements) names.add(element.name.text);
  }
  return names;
}

/** The names that a statement declares. */
function declaredBy(statement) {
  if (!ts.isVariableStatement(statement)) return [statement.name?.text];
  return statement.declarationList.declarations.map((one) => one.name.text);
}

/** A module without its imports, and without `export` before what is not public. */
function body(module, exported, taken) {
  const cuts = [];
  for (const statement of module.tree.statements) {
    if (ts.isImportDeclaration(statement)) {
      cuts.push([statement.getStart(), statement.getEnd()]);
      continue;
    }
    const declared = declaredBy(statement);
    for (const name of declared) {
      const other = taken.get(name);
      if (other) throw new Error(`${name} stands in ${other} and in ${module.file}`);
      taken.set(name, module.file);
    }
    const keyword = statement.modifiers?.find((one) => one.kind === ts.SyntaxKind.ExportKeyword);
    if (keyword && !exported.has(declared[0]))
      cuts.push([keyword.getStart(), keyword.getEnd() + 1]);
  }
  let text = module.text;
  for (const [from, to] of cuts.reverse()) text = text.slice(0, from) + text.slice(to);
  return text.replace(/\n{3,}/g, "\n\n").trim();
}

function joined() {
  const all = [...collect(join(src, "index.ts")).values()];
  const index = all.pop();
  const exported = publicNames(index);
  const taken = new Map();
  const bodies = all.map((module) => body(module, exported, taken));
  for (const name of exported)
    if (!taken.has(name)) throw new Error(`${name} is exported by nobody`);
  const titles = bodies.map((text) => `//   ${text.slice(3, text.indexOf(":"))}`);
  const rule = `// ${"-".repeat(97)}`;
  return `${HEADER}\n${titles.join("\n")}\n\n${bodies.map((text) => `${rule}\n${text}`).join("\n\n")}\n`;
}

/** A file that stands beside the joined one, with the modules of its own in it. */
function beside(module) {
  const all = [...collect(join(src, module)).values()];
  const own = all.pop();
  const imports = mergedImports(all.concat(own));
  const taken = new Map();
  const bodies = all.map((part) => body(part, publicNames(own), taken));
  const cuts = own.tree.statements.filter((one) => one.moduleSpecifier);
  const from = cuts[0]?.getStart() ?? 0;
  const to = cuts.at(-1)?.getEnd() ?? 0;
  const head = own.text.slice(0, from) + imports.join("\n");
  const text = [head.trim(), ...bodies, own.text.slice(to).trim()].filter(Boolean).join("\n\n");
  return `${text}\n`;
}

/** The imports of all of these modules that stay, each name once. */
function mergedImports(modules) {
  const names = new Map();
  for (const one of modules.flatMap(({ tree }) => tree.statements.filter(isKeptImport))) {
    const { text } = one.moduleSpecifier;
    const from = JSON.stringify(INDEX.test(text) ? "./socket.js" : text);
    const key = `${one.importClause.isTypeOnly ? "import type" : "import"} ${from}`;
    const known = names.get(key) ?? new Set();
    for (const name of one.importClause.namedBindings.elements) known.add(name.getText());
    names.set(key, known);
  }
  return [...names].map(([key, known]) => {
    const from = key.slice(key.lastIndexOf(" ") + 1);
    const list = [...known].sort(compare);
    const start = key.slice(0, -from.length);
    const line = `${start}{ ${list.join(", ")} } from ${from};`;
    return line.length > 100 ? `${start}{\n  ${list.join(",\n  ")},\n} from ${from};` : line;
  });
}

/** As the linter sorts names. */
function compare(one, other) {
  return one.toLowerCase() < other.toLowerCase() ? -1 : 1;
}

function isKeptImport(statement) {
  return ts.isImportDeclaration(statement) && isOutside(statement.moduleSpecifier.text);
}

/** What tsc makes of these files, in memory, and the files themselves. */
function compiled(sources) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const texts = new Map(Object.entries(sources).map(([name, text]) => [join(dist, name), text]));
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(resolve(path));
    if (text === undefined) return read(path, ...rest);
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  };
  const exists = host.fileExists.bind(host);
  host.fileExists = (path) => texts.has(resolve(path)) || exists(path);
  const files = { ...sources };
  host.writeFile = (path, content) => {
    files[path.slice(path.lastIndexOf("/") + 1)] = content;
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length > 0) throw new Error(ts.formatDiagnostics(found, host));
  program.emit();
  return files;
}

const files = compiled({
  "socket.ts": joined(),
  ...Object.fromEntries(Object.entries(BESIDE).map(([name, module]) => [name, beside(module)])),
});
/**
 * Modules as one expression without imports and exports, for scripts that are no modules. What one imports
 * of the client stands there as `socket`, unless the client is one of them.
 */
function expression(...modules) {
  const names = [];
  const isWhole = modules.includes(files["socket.js"]);
  const bodies = modules.map((text) => {
    const tree = ts.createSourceFile("it.js", text, ts.ScriptTarget.ES2022, true);
    const cuts = [];
    for (const statement of tree.statements) {
      if (ts.isImportDeclaration(statement)) {
        const names = statement.importClause.namedBindings.getText(tree);
        const instead = isWhole ? "" : `\nconst ${names} = socket;`;
        cuts.push([statement.getFullStart(), statement.getEnd(), instead]);
      }
      const keyword = statement.modifiers?.find((one) => one.kind === ts.SyntaxKind.ExportKeyword);
      if (!keyword) continue;
      cuts.push([keyword.getStart(), keyword.getEnd() + 1]);
      names.push(...declaredBy(statement));
    }
    return cuts
      .reduceRight(
        (rest, [from, to, instead = ""]) => rest.slice(0, from) + instead + rest.slice(to),
        text,
      )
      .trim();
  });
  return `(() => {\n${bodies.join("\n\n")}\n\nreturn { ${names.join(", ")} };\n})();\n`;
}

files["socket.iife.js"] = expression(files["socket.js"], files["socket.names.js"]);
files["socket.bigint.iife.js"] = expression(files["socket.bigint.js"]);

if (process.argv.includes("--check")) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dist, name);
    if (existsSync(path) && readFileSync(path, "utf8") === content) continue;
    process.stderr.write(`dist/${name} is not what src/ makes\nnpm run build\n`);
    process.exit(1);
  }
} else {
  mkdirSync(dist, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dist, name), content);
}
