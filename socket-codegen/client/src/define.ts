// Define: the one way from an emitted file into this one.

import { Client } from "./client.js";
import type { SocketError } from "./errors.js";
import type { ErrorSource, Options } from "./options.js";
import type { SocketClass } from "./socket.js";
import type { AnyProtocol, Descriptor, Message, ProtocolShape } from "./types.js";

type Positional = [
  debug: boolean,
  onOpen: () => void,
  onMessage: (message: Message<AnyProtocol>) => void,
  onError: (source: ErrorSource, message: string, error: SocketError) => void,
  url: string,
];

/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define<P extends ProtocolShape<P>>(descriptor: Descriptor): SocketClass<P> {
  class Socket extends Client {
    constructor(...args: [Options<AnyProtocol>] | Positional) {
      if (args.length === 1) {
        super(descriptor, args[0]);
        return;
      }
      const [debug, onOpen, onMessage, onError, url] = args;
      super(descriptor, { debug, onOpen, onMessage, onError, url });
    }
  }
  // The client knows no types: from here on the protocol's own stand for it.
  return Socket as unknown as SocketClass<P>;
}
