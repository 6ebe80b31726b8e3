// What an editor pays: type instantiations for each call site in a protocol of a thousand commands.
// The first use of a command makes its types, which are kept; a further one is what a call site costs.
// Counted, because seconds depend on the machine.
//
// `send` as a union of all commands would cost 1 and 0. But TypeScript tells of a wrong parameter with the
// parameters of all commands, or at the wrong place, and a message that points at the mistake is worth
// more. A handler's type depends on the protocol and on the event, which is 3; nothing generic costs less.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(fileURLToPath(import.meta.url));
const numbers = [...Array(1_000).keys()];

/** One line for each command, and the instantiations that its first and each further use may cost. */
const SITES = {
  send: [18, 0, (n) => `socket.send({ cmd: "command-${n}", param: { field${n}: "" } });`],
  call: [22, 0, (n) => `socket.call({ cmd: "command-${n}", param: { field${n}: "" } });`],
  on: [19, 3, (n) => `socket.on("event-${n}", (param) => param.field${n});`],
  "a channel's send": [20, 0, (n) => `room.send("command-${n}", { field${n}: "" });`],
};

const PROTOCOL = `
import * as socket from "../dist/socket.js";
export interface Commands {
${numbers
  .map(
    (n) => `"command-${n}": {
      channel?: "lobby" | \`room:\${string}\`;
      param: { field${n}: string };
      reply: Reply${n};
      error: never;
    };`,
  )
  .join("\n")}
}
export interface Events {
${numbers.map((n) => `"event-${n}": { readonly field${n}: string };`).join("\n")}
}
export interface Channels {
  "lobby": { name: "lobby"; commands: keyof Commands; events: keyof Events };
  "room:{room}": { name: \`room:\${string}\`; commands: keyof Commands; events: keyof Events };
}
${numbers.map((n) => `export interface Reply${n} { readonly reply${n}: number }`).join("\n")}
export interface Protocol { commands: Commands; events: Events; channels: Channels }
export declare const Socket: socket.SocketClass<Protocol>;
`;

const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
const options = {
  ...ts.convertCompilerOptionsFromJson(config.compilerOptions, root).options,
  noEmit: true,
  isolatedDeclarations: false,
};
const parsed = new Map();

/** The instantiations that it takes to check these lines. */
function count(lines) {
  const sites = join(root, "test", "sites.ts");
  // The first of each kind pays for what all of them share.
  const first = Object.values(SITES).map(([, , line]) => line(0));
  const files = {
    [join(root, "test", "protocol.ts")]: PROTOCOL,
    [sites]: `import { Socket } from "./protocol.js";
const socket = new Socket({ url: "/" });
const room = socket.channel("lobby");
${[...first, ...lines].join("\n")}`,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name in files || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) => {
    if (name in files) return ts.createSourceFile(name, files[name], ...rest);
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, ...rest));
    return parsed.get(name);
  };
  const program = ts.createProgram([sites], options, host);
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length > 0) throw new Error(ts.formatDiagnostics(found, host));
  return program.getInstantiationCount();
}

const declarations = count([]);
for (const [kind, [first, further, line]] of Object.entries(SITES)) {
  const lines = numbers.map(line);
  const once = count(lines);
  const twice = count([...lines, ...lines]);
  for (const [use, cost, most] of [
    ["first", once - declarations, first],
    ["further", twice - once, further],
  ]) {
    const each = Math.ceil(cost / numbers.length);
    process.stdout.write(`type instantiations of a ${use} ${kind}: ${each}, at most ${most}\n`);
    if (each > most) process.exitCode = 1;
  }
}
