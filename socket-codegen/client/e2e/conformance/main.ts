// Runs the checks and tells the bench, in any engine. Where it is told from: the query of the page, or the
// first argument.

import { type Bench, CHECKS, Desk } from "./checks.js";

/** ms for one check: none should take a tenth of it. */
const PATIENCE = 20_000;

export type Report = readonly { readonly name: string; readonly error?: string }[];

/** The parts of engines that not all of them have. */
interface Host {
  readonly location?: { readonly search?: string };
  readonly process?: { readonly argv: readonly string[] };
}

export async function main(given: Pick<Bench, "WebSocket"> = {}): Promise<void> {
  const { location, process } = globalThis as Host;
  const config = new URLSearchParams(location?.search ?? process?.argv[2]);
  const [url, control] = [config.get("url"), config.get("control")];
  if (url === null || control === null) throw new Error("where? url=…&control=…");
  const post = async (path: string, body?: string) => {
    const { ok } = await fetch(`${control}/${path}`, { method: "POST", ...(body && { body }) });
    if (!ok) throw new Error(`the bench could not ${path}`);
  };
  const bench: Bench = { url, order: post, ...given };
  const report: { name: string; error?: string }[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const desk = new Desk(bench);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing for ${PATIENCE} ms`)), PATIENCE);
    });
    try {
      await Promise.race([check(desk), late]);
      report.push({ name });
    } catch (error) {
      report.push({ name, error: String(error) });
    }
    clearTimeout(timer);
    desk.close();
  }
  await post("done", JSON.stringify(report));
}
