// The bench: the server as a process, the network before it, and a page, all at the program's command.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Chat } from "../chat.ts";
import { Network } from "../network.ts";
import type { Report } from "./main.ts";

const PAGE = `<!doctype html><meta charset="utf-8"><title>Conformance</title>
<script type="module" src="/program.js"></script>`;

export class Bench {
  readonly #program = new Chat("conformance");
  readonly #server: Server;
  #network: Network | undefined;
  #query = "";
  #done: ((report: Report) => void) | undefined;
  /** What the program reports at its end. */
  readonly report: Promise<Report>;

  /** `script` is what the page runs. */
  constructor(script: string) {
    this.report = new Promise((resolve) => {
      this.#done = resolve;
    });
    this.#server = createServer(async (request, response) => {
      const path = new URL(request.url ?? "/", "http://bench").pathname;
      if (request.method !== "POST") {
        const type = path === "/program.js" ? "text/javascript" : "text/html";
        response.setHeader("content-type", `${type}; charset=utf-8`);
        response.end(path === "/program.js" ? script : PAGE);
        return;
      }
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      await this.#order(path.slice(1), body);
      response.end();
    });
  }

  async start(): Promise<void> {
    await this.#program.start();
    this.#network = new Network(new URL(this.#program.address("/")));
    const port = await this.#network.listen();
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const control = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#query = `${new URLSearchParams({ url: `ws://127.0.0.1:${port}/socket`, control })}`;
  }

  /** What the program is told. */
  get query(): string {
    return this.#query;
  }

  get page(): string {
    return `${new URLSearchParams(this.#query).get("control")}/?${this.#query}`;
  }

  async #order(what: string, body: string): Promise<void> {
    if (what === "kill") await this.#program.kill();
    else if (what === "start") await this.#program.start();
    else if (what === "cut") this.#network?.cut();
    else if (what === "break") this.#network?.breakAfter(0);
    else if (what === "mend") this.#network?.mend();
    else if (what === "done") this.#done?.(JSON.parse(body));
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#network?.close();
    await this.#program.kill();
  }
}
