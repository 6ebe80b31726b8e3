// Define: the one way from an emitted file into this one.

import { createClient } from "./client.js";
import type { SocketError } from "./errors.js";
import type { ErrorSource, Options } from "./options.js";
import type { SocketClass } from "./socket.js";
import type { AnyProtocol, Descriptor, Message, ProtocolShape } from "./types.js";

/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define<P extends ProtocolShape<P>>(descriptor: Descriptor): SocketClass<P> {
  class Socket {
    constructor(
      debug: boolean | Options<AnyProtocol>,
      onOpen: () => void,
      onMessage: (message: Message<AnyProtocol>) => void,
      onError: (source: ErrorSource, message: string, error: SocketError) => void,
      url: string,
    ) {
      const options =
        typeof debug === "object" ? debug : { debug, onOpen, onMessage, onError, url };
      createClient(this, descriptor, options);
    }
  }
  // The client knows no types: from here on the protocol's own stand for it.
  return Socket as unknown as SocketClass<P>;
}
