// What a server, or a handler, should never do: none of it stops the client, and none is silent.

import { expect, test, vi } from "vitest";
import { client, opened, pass, settle, WELCOME } from "./server.ts";

test.each([
  ["not JSON", "{"],
  ["empty", ""],
  ["null", "null"],
  ["a number", "7"],
  ["a string", '"chat"'],
  ["a nested array", '[[{"cmd":"pong"}]]'],
  ["no cmd", "{}"],
  ["a cmd that is no text", '{"cmd":1}'],
  ["a channel that is no text", '{"cmd":"pong","channel":5}'],
  ["a reply without a number", '{"re":"2","param":{}}'],
  ["an error that is no object", '{"re":2,"error":"no"}'],
  ["a reply to nobody", '{"re":99,"param":{}}'],
  ["a second welcome", JSON.stringify({ re: 1, param: WELCOME })],
  ["an unknown event", '{"cmd":"surprise","param":{}}'],
  ["an unknown event of the protocol", '{"cmd":":surprise","param":{}}'],
  ["an event called constructor", '{"cmd":"constructor","param":{}}'],
  ["an event called __proto__", '{"cmd":"__proto__","param":{}}'],
])("%s is reported, and the connection goes on", async (_, frame) => {
  const { socket, ws, errors, messages } = await opened();
  ws.says(frame);
  expect(errors).toMatchObject([{ source: "message" }]);
  expect(socket.state.status).toBe("open");
  ws.says({ cmd: "pong", param: { timestamp: 1 } });
  expect(messages).toHaveLength(1);
});

test("a binary frame is reported", async () => {
  const { ws, errors } = await opened();
  ws.onmessage?.({ data: new ArrayBuffer(1) } as never);
  expect(errors).toMatchObject([{ source: "message", message: "unknown message" }]);
});

test("a bad element of an array is reported alone, and the others count", async () => {
  const { ws, errors, messages } = await opened();
  ws.says([{ cmd: "pong", param: { timestamp: 1 } }, 5, { cmd: "pong", param: { timestamp: 2 } }]);
  expect(messages).toHaveLength(2);
  expect(errors).toHaveLength(1);
});

test("an event without param has an empty one", async () => {
  const { ws, messages } = await opened();
  ws.says({ cmd: "pong" });
  expect(messages).toEqual([{ cmd: "pong", param: {} }]);
});

test("unknown fields are ignored, and __proto__ is a field like any other", async () => {
  const { ws, messages } = await opened();
  ws.says('{"cmd":"pong","param":{"timestamp":1},"__proto__":{"cmd":"chat"},"new":1}');
  expect(messages[0]?.cmd).toBe("pong");
  expect(({} as { cmd?: string }).cmd).toBeUndefined();
});

test("channels named __proto__ and constructor are channels like any other", async () => {
  const made = await opened();
  made.ws.says({ cmd: ":joined", channel: "__proto__", param: {} });
  made.ws.says({ cmd: ":joined", channel: "constructor", param: {} });
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.open();
  expect(Object.keys(made.ws.connect["channels"] as object)).toEqual(["__proto__", "constructor"]);
  made.ws.says('{"re":1,"param":{"connection":"c2","channels":{"__proto__":{},"constructor":{}}}}');
  expect(made.socket.state.status).toBe("open");
});

test("an unknown event goes to onUnknown where there is one", async () => {
  const onUnknown = vi.fn();
  const { ws, errors } = await opened({ onUnknown });
  ws.says({ cmd: "surprise", param: 1 });
  expect(onUnknown.mock.calls).toEqual([[{ cmd: "surprise", param: 1 }]]);
  expect(errors).toEqual([]);
});

test("an error that answers no call goes to onError", async () => {
  const { ws, errors } = await opened();
  ws.says({ cmd: ":error", param: { code: "invalid-param", message: "too long" } });
  expect(errors).toEqual([{ source: "server", message: "too long", code: "invalid-param" }]);
});

test("an unknown error code reaches the caller as it is", async () => {
  const { socket, ws } = await opened();
  const result = socket.tryCall({ cmd: "ping" });
  await settle();
  ws.says({ re: 2, error: { code: "brand-new", message: "?", data: [1] } });
  expect(await result).toMatchObject({ error: { code: "brand-new", data: [1] } });
});

test.each([
  ["no object", 5],
  ["no connection", { ...WELCOME, connection: 5 }],
])("a welcome with %s is reported, and the attempt ends by its deadline", async (_, param) => {
  const made = client();
  await settle();
  made.ws.open();
  made.ws.says({ re: 1, param });
  expect(made.errors).toMatchObject([{ source: "message" }]);
  await pass(10_000);
  expect(made.socket.state.status).not.toBe("open");
});

test("a welcome with numbers that are none goes by the defaults", async () => {
  const wrong = { ping: "5", timeout: -1, spread: null, limits: [], channels: 3 };
  const made = await opened({}, wrong);
  expect(made.socket.state).toEqual({ status: "open", id: "c1", user: null });
  await pass(34_999);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state.status).toBe("waiting");
});

test("a handler that throws stops no other, and is told to onError", async () => {
  const { socket, ws, errors, messages } = await opened();
  const second = vi.fn();
  socket.on("pong", () => {
    throw new Error("oops");
  });
  socket.on("pong", second);
  ws.says({ cmd: "pong", param: { timestamp: 1 } });
  expect(second).toHaveBeenCalledOnce();
  expect(messages).toHaveLength(1);
  expect(errors).toEqual([{ source: "handler", message: "Error: oops", code: "handler" }]);
});

test("a throwing onOpen, onMessage and state listener leave everything as it is", async () => {
  const boom = () => {
    throw new Error("oops");
  };
  const made = client({ onOpen: boom, onMessage: boom });
  // Told the present state at once, and so at once to whoever subscribed.
  expect(() => made.socket.subscribe(boom)).toThrow("oops");
  await settle();
  made.ws.welcome();
  made.ws.says({ cmd: "pong", param: { timestamp: 1 } });
  expect(made.socket.state.status).toBe("open");
  expect(made.errors.map(({ source }) => source)).toEqual(["handler", "handler", "handler"]);
});

test("an onError that throws surfaces outside, and stops nothing", async () => {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const surfaced = new Promise((resolve) => process.once("unhandledRejection", resolve));
  const made = await opened({
    onError: () => {
      throw new Error("worse");
    },
  });
  made.ws.says("{");
  made.ws.says({ cmd: "pong", param: { timestamp: 1 } });
  expect(made.messages).toHaveLength(1);
  vi.useRealTimers();
  await expect(surfaced).resolves.toMatchObject({ message: "worse" });
  for (const other of others) process.on("unhandledRejection", other);
});

test("after a handler that disconnects nothing of the frame is handled any more", async () => {
  const { socket, ws, messages } = await opened();
  const second = vi.fn();
  socket.on("pong", () => socket.disconnect());
  socket.on("pong", second);
  ws.says([
    { cmd: "pong", param: { timestamp: 1 } },
    { cmd: "pong", param: { timestamp: 2 } },
  ]);
  expect(second).not.toHaveBeenCalled();
  expect(messages).toEqual([]);
  expect(socket.state.status).toBe("closed");
});

test("a state listener that disconnects wins over the welcome", async () => {
  const made = client();
  made.socket.subscribe((state) => {
    if (state.status === "open") made.socket.disconnect();
  });
  await settle();
  made.ws.welcome();
  expect(made.onOpen).not.toHaveBeenCalled();
  expect(made.socket.state.status).toBe("closed");
});

test("a listener that connects from `closed` is obeyed", async () => {
  const made = await opened();
  const off = made.socket.subscribe((state) => {
    if (state.status !== "closed") return;
    off();
    made.socket.connect();
  });
  made.ws.ends(4503);
  await settle();
  expect(made.socket.state.status).toBe("connecting");
  expect(made.sockets).toHaveLength(2);
});

test("a handler may take itself and others back while they run", async () => {
  const { socket, ws } = await opened();
  const third = vi.fn();
  const first = socket.on("pong", () => {
    first();
    off();
  });
  const off = socket.on("pong", third);
  ws.says({ cmd: "pong", param: { timestamp: 1 } });
  ws.says({ cmd: "pong", param: { timestamp: 2 } });
  expect(third).not.toHaveBeenCalled();
});

test("the same handler given twice is called twice, and taken back one by one", async () => {
  const { socket, ws } = await opened();
  const handler = vi.fn();
  const off = socket.on("pong", handler);
  socket.on("pong", handler);
  ws.says({ cmd: "pong", param: { timestamp: 1 } });
  off();
  off();
  ws.says({ cmd: "pong", param: { timestamp: 2 } });
  expect(handler).toHaveBeenCalledTimes(3);
});

test("an empty token window, a drain and a :closed of the wrong shape stop nothing", async () => {
  const { socket, ws } = await opened();
  ws.says({ cmd: ":closed", channel: "nowhere", param: null });
  ws.says({ cmd: ":joined", channel: ":user", param: 5 });
  ws.says({ cmd: ":refresh" });
  ws.says({ cmd: ":drain", param: { after: ["x", null] } });
  expect(socket.state.status).toBe("open");
});

test("a token provider that returns nothing stays away, at connect and at a refresh", async () => {
  const nothing = (() => undefined) as unknown as () => string;
  const made = client({ token: nothing });
  await settle();
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "unauthorized" } });
  expect(made.errors).toMatchObject([{ source: "connection", message: "no token" }]);
  let given: string | undefined = "t";
  const other = await opened({ token: () => given as string }, { expires: 60_000 });
  given = undefined;
  other.ws.says({ cmd: ":refresh" });
  await settle();
  expect(other.socket.state).toMatchObject({ status: "closed", cause: { kind: "unauthorized" } });
});

test("a token provider that hangs or throws at a refresh leaves the connection as it is", async () => {
  const provider = vi.fn((): string | Promise<string> => "t");
  const made = await opened({ token: provider });
  provider.mockImplementation(() => new Promise(() => {}));
  made.ws.says({ cmd: ":refresh" });
  provider.mockImplementation(() => {
    throw new Error("no");
  });
  made.ws.says({ cmd: ":refresh" });
  await settle();
  expect(made.socket.state.status).toBe("open");
  expect(made.errors).toMatchObject([{ source: "connection", message: "no token: Error: no" }]);
});

test("a refused refresh is told, and one that a break overtook is not", async () => {
  const made = await opened({ token: () => "t" });
  made.ws.says({ cmd: ":refresh" });
  await settle();
  made.ws.says({ re: 2, error: { code: "unauthorized", message: "too old" } });
  await settle();
  const message = "no token: SocketError: too old";
  expect(made.errors).toMatchObject([{ source: "connection", message, code: "unauthorized" }]);
  made.ws.says({ cmd: ":refresh" });
  await settle();
  made.ws.ends(1006);
  await pass(1_000);
  made.ws.welcome();
  expect(made.errors).toHaveLength(2);
});

test("a server of another version: its new events, codes and fields reach the program", async () => {
  const onUnknown = vi.fn();
  const made = client({ onUnknown });
  await settle();
  made.ws.open();
  made.ws.says({
    re: 1,
    param: { ...WELCOME, protocol: { name: "chat", fingerprint: "another" }, new: [1] },
  });
  made.ws.says([
    { cmd: "brand-new", param: { a: 1 } },
    { cmd: ":brand-new", param: {} },
    { cmd: "pong", param: { timestamp: 1, zone: "UTC" }, extra: true },
  ]);
  expect(made.socket.state.status).toBe("open");
  expect(onUnknown).toHaveBeenCalledTimes(2);
  expect(made.messages).toMatchObject([{ param: { timestamp: 1, zone: "UTC" } }]);
  const refused = made.socket.tryCall({ cmd: "ping" });
  await settle();
  made.ws.says({ re: 2, error: { code: "unknown-command", message: "", data: { cmd: "ping" } } });
  expect(await refused).toMatchObject({
    error: { code: "unknown-command", data: { cmd: "ping" } },
  });
});

test("__proto__ and constructor are keys like any other, in every map", async () => {
  const made = client();
  for (const name of ["__proto__", "constructor", "toString"]) {
    made.socket.on(name as "pong", () => {});
    made.socket
      .channel(name as "lobby")
      .join()
      .catch(() => {});
    made.socket.send({ cmd: "ping" }, { key: name });
  }
  await settle();
  made.ws.open();
  expect(Object.keys(made.ws.connect["channels"] as object)).toEqual([
    "__proto__",
    "constructor",
    "toString",
  ]);
  made.ws.says(
    '{"re":1,"param":{"connection":"c","channels":{"__proto__":{"recovery":"fresh","epoch":"e","at":1},' +
      '"constructor":{"error":{"code":"__proto__","message":"m"}},"toString":{},"hasOwnProperty":{}}}}',
  );
  expect(made.ws.commands).toEqual([{ cmd: "ping" }, { cmd: "ping" }, { cmd: "ping" }]);
  made.ws.says('{"cmd":"pong","channel":"__proto__","param":{"__proto__":{"x":1}},"at":2}');
  made.ws.says('{"re":"__proto__","param":{}}');
  made.ws.says('{"re":2,"error":{"__proto__":{"code":"x"}}}');
  expect(made.socket.state.status).toBe("open");
  expect(({} as { x?: number }).x).toBeUndefined();
  expect(made.messages).toHaveLength(1);
});

test("handlers that throw, join, leave, send and unsubscribe in the middle of a frame stop nothing", async () => {
  const { socket, ws, messages } = await opened();
  const room = socket.channel("lobby");
  const off = room.on("chat", () => {
    off();
    room.leave();
    room.join().catch(() => {});
    socket.send({ cmd: "ping" });
    throw new Error("oops");
  });
  const chat = { cmd: "chat", channel: "lobby", param: { user: "a", text: "b", time: 1 } };
  ws.says([chat, chat, chat]);
  expect(messages).toHaveLength(3);
  expect(ws.commands.filter(({ cmd }) => cmd === "ping")).toHaveLength(1);
});

test("a listener that disconnects leaves no later listener with an older state", async () => {
  const made = client();
  const seen: string[] = [];
  made.socket.subscribe(({ status }) => {
    if (status === "open") made.socket.disconnect();
  });
  made.socket.subscribe(({ status }) => seen.push(status));
  await settle();
  made.ws.welcome();
  expect(seen.at(-1)).toBe("closed");
});

test("what the server announces beyond reason holds no timer up", async () => {
  const made = await opened({ token: () => "t" }, { ping: 1e300, spread: 1e300, expires: 1e300 });
  await pass(34_000);
  expect(made.socket.state.status).toBe("open");
  expect(made.ws.commands).toEqual([]);
  made.ws.ends(1006);
  const state = made.socket.state;
  expect(state.status === "waiting" && state.retryAt - Date.now()).toBeLessThanOrEqual(20_000);
});

test("a token provider that disconnects at a refresh is obeyed", async () => {
  let token: string | null = "t";
  const made = await opened(
    {
      token: () => {
        if (token === null) made.socket.disconnect();
        return token;
      },
    },
    { expires: 10_000 },
  );
  token = null;
  await pass(60_000);
  expect(made.socket.state).toMatchObject({ status: "closed", cause: { kind: "user" } });
  expect(made.sockets).toHaveLength(1);
});

test("a WebSocket that closes at once, in the middle of the call, tells nothing beside", async () => {
  const made = await opened();
  made.ws.close = () => made.ws.onclose?.({ code: 1000, reason: "" } as never);
  made.socket.disconnect();
  expect(made.states.at(-1)).toMatchObject({ status: "closed", cause: { kind: "user" } });
  expect(made.states.map(({ status }) => status)).not.toContain("waiting");
  expect(made.errors).toEqual([]);
});

test("an array without messages holds none", async () => {
  const { socket, ws, errors } = await opened();
  ws.says("[]");
  expect(errors).toEqual([]);
  expect(socket.state.status).toBe("open");
});
