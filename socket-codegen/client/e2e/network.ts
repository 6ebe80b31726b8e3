// A network that can be cut without anybody being told: what half-open connections are made of.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Network {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #isDown = false;
  /** Bytes that still pass, in both directions together. */
  #left = Number.POSITIVE_INFINITY;

  constructor(target: URL) {
    this.#server = createServer((client) => {
      if (this.#isDown) {
        client.destroy();
        return;
      }
      const upstream = connect(Number(target.port), target.hostname);
      this.#carry(client, upstream);
      this.#carry(upstream, client);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(socket);
        if (this.#isCut) socket.pause();
        socket.on("error", () => {
          socket.destroy();
          // A server that is not there refuses, and is not silent.
          if (!this.#isCut) other.destroy();
        });
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
      to.write(bytes.subarray(0, this.#left), () => this.#break());
      this.#left = Number.POSITIVE_INFINITY;
    });
    from.on("end", () => to.end());
  }

  #break(): void {
    for (const socket of this.#sockets) socket.destroy();
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

  /** Every connection breaks, and no new one is let through. */
  down(): void {
    this.#isDown = true;
    this.#break();
  }

  /** New connections pass again. Those that were cut stay dead. */
  mend(): void {
    this.#isCut = false;
    this.#isDown = false;
  }

  close(): void {
    this.#server.close();
    this.#break();
  }
}
