// Room: one holder of one channel, what `socket.channel` gives.

import type { CallOptions } from "./calls.js";
import type { AnyCommand, AnyHandler, Client } from "./client.js";
import type { SocketError } from "./errors.js";
import type { JoinResult } from "./memberships.js";
import type { Off, Result, SendOptions, SendResult } from "./types.js";

export class Room {
  readonly name: string;
  readonly #client: Client;

  constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
  }

  join(): Promise<JoinResult> {
    return this.#client.memberships.join(this.name, this);
  }

  leave(): void {
    this.#client.memberships.leave(this.name, this);
  }

  members(options: CallOptions & { after?: string; limit?: number } = {}): Promise<unknown> {
    const { after, limit, ...rest } = options;
    return this.#client.call(this.#command(":members", { after, limit }), rest);
  }

  on(event: string, handler: AnyHandler): Off {
    // No channel's name holds a space, so the key is its own.
    return this.#client.on(`${event} ${this.name}`, handler);
  }

  onClosed(handler: (error: SocketError) => void): Off {
    return this.#client.emitter.on(`:closed ${this.name}`, handler);
  }

  send(cmd: string, param?: unknown, options?: SendOptions): SendResult {
    return this.#client.send(this.#command(cmd, param), options);
  }

  call(cmd: string, param?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#client.call(this.#command(cmd, param), options);
  }

  tryCall(
    cmd: string,
    param?: unknown,
    options?: CallOptions,
  ): Promise<Result<unknown, SocketError>> {
    return this.#client.tryCall(this.#command(cmd, param), options);
  }

  #command(cmd: string, param: unknown): AnyCommand {
    return { cmd, channel: this.name, param };
  }
}
