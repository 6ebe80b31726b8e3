// The client of the project that this one descends from, as it behaves there: no subprotocol, a
// pretty-printed `{channel, cmd, param}`, no look at close codes, and reconnects of its own.

export interface Message {
  readonly channel: string;
  readonly cmd: string;
  readonly param: { readonly [name: string]: unknown };
}

export class Socket {
  readonly #debug: boolean;
  readonly #onOpen: () => void;
  readonly #onMessage: (message: Message) => void;
  readonly #onError: (service: string, error: string) => void;
  readonly #url: string;
  #pending: Message[] = [];
  #connected = false;
  #left = false;
  #pauseSeconds = 1;
  #connectTime = 0;
  #socket: WebSocket | undefined;

  constructor(
    debug: boolean,
    onOpen: () => void,
    onMessage: (message: Message) => void,
    onError: (service: string, error: string) => void,
    url: string,
  ) {
    this.#debug = debug;
    this.#onOpen = onOpen;
    this.#onMessage = onMessage;
    this.#onError = onError;
    const { protocol, host } = globalThis.location ?? {};
    const origin = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
    this.#url = url.startsWith("ws") ? url : `${origin}${url}`;
    this.#connect();
  }

  #connect(): void {
    this.#connectTime = Date.now();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#connected = true;
      for (const message of this.#pending) this.send(message);
      this.#pending = [];
      this.#onOpen();
    };
    socket.onmessage = ({ data }) => {
      const message: Message = JSON.parse(String(data));
      this.#trace("in", message);
      if (message.cmd === "close-connection") this.disconnect();
      else this.#onMessage(message);
    };
    socket.onerror = ({ type }) => this.#onError("socket", type);
    socket.onclose = () => {
      this.#connected = false;
      if (this.#left) return;
      if (Date.now() - this.#connectTime < 2_000) {
        this.#pauseSeconds *= 2;
        setTimeout(() => this.#left || this.#connect(), this.#pauseSeconds * 1_000);
      } else {
        this.#connect();
      }
    };
  }

  #trace(way: string, message: Message): void {
    // biome-ignore lint/suspicious/noConsole: what its first argument asks for
    if (this.#debug) console.debug(way, message);
  }

  send(message: Message): void {
    this.#trace("out", message);
    if (this.#connected) this.#socket?.send(JSON.stringify(message, null, 2));
    else this.#pending.push(message);
  }

  disconnect(): void {
    this.#left = true;
    this.#socket?.close();
  }
}
