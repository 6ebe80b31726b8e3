// A network that can be cut without anybody being told: what half-open connections are made of.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Network {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  /** Bytes that still pass, in both directions together. */
  #left = Number.POSITIVE_INFINITY;

  constructor(target: URL) {
    this.#server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      this.#carry(client, upstream);
      this.#carry(upstream, client);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        if (this.#isCut) socket.pause();
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.#sockets.delete(socket));
      }
    });
  }

  #carry(from: Socket, to: Socket): void {
    from.on("data", (bytes: Buffer) => {
      if (bytes.length < this.#left) {
        this.#left -= bytes.length;
        if (to.write(bytes)) return;
        // As slow as who reads, so that the sender notices.
        from.pause();
        to.once("drain", () => this.#isCut || from.resume());
        return;
      }
      to.write(bytes.subarray(0, this.#left), () => {
        for (const socket of this.#sockets) socket.destroy();
      });
      this.#left = Number.POSITIVE_INFINITY;
    });
    from.on("end", () => to.end());
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing passes, and nothing closes. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** After that many further bytes every connection breaks, in the middle of what it carries. */
  breakAfter(bytes: number): void {
    this.#left = bytes;
  }

  /** New connections pass again. The old ones stay dead. */
  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
