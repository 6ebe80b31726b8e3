import { expect, test, vi } from "vitest";
import { Socket } from "./fixtures/chat/chat.ts";
import type { State } from "./fixtures/chat/socket.ts";
import { client, FakeWebSocket, opened, pass, settle } from "./server.ts";

test("the first frame is :connect, over socket.v1", async () => {
  const { ws } = await opened();
  expect(ws.url).toBe("wss://example.test/socket");
  expect(ws.protocol).toBe("socket.v1");
  expect(ws.sent[0]).toEqual({
    cmd: ":connect",
    id: 1,
    param: {
      protocol: { name: "chat", fingerprint: "9f3c5a1e7b20d486" },
      knows: [":large"],
      channels: {},
    },
  });
});

test("the welcome opens it, and says who we are", async () => {
  const { socket, onOpen, states } = await opened({}, { user: { id: "u1", name: "ann" } });
  expect(socket.state).toEqual({ status: "open", id: "c1", user: { id: "u1", name: "ann" } });
  expect(onOpen).toHaveBeenCalledOnce();
  expect(states.at(-1)).toBe(socket.state);
});

test("a relative url goes by the location of the page", async () => {
  vi.stubGlobal("location", new URL("https://page.test/app/#top"));
  const made = client({ url: "/example/socket?ch=a" });
  await settle();
  expect(made.ws.url).toBe("wss://page.test/example/socket?ch=a");
  vi.unstubAllGlobals();
});

test("the positional form means the same", async () => {
  const sockets: string[] = [];
  vi.stubGlobal(
    "WebSocket",
    class extends FakeWebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        sockets.push(url);
      }
    },
  );
  vi.stubGlobal("location", new URL("http://page.test/"));
  const traced = vi.spyOn(console, "debug").mockImplementation(() => {});
  const nothing = () => {};
  const socket = new Socket(true, nothing, nothing, nothing, "/example/socket?ch=a");
  await settle();
  expect(sockets).toEqual(["ws://page.test/example/socket?ch=a"]);
  expect(socket).toBeInstanceOf(Socket);
  socket.disconnect();
  traced.mockRestore();
  vi.unstubAllGlobals();
});

test("debug writes every frame to the console", async () => {
  const traced = vi.spyOn(console, "debug").mockImplementation(() => {});
  const { ws } = await opened({ debug: true });
  ws.says({ cmd: ":pong" });
  expect(traced.mock.calls.map(([direction]) => direction)).toEqual(["->", "<-", "<-"]);
  traced.mockRestore();
});

test("without onError, errors go to the console, and lost connections do not", async () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  const made = await opened({ onError: undefined as never });
  made.ws.says("{");
  made.ws.ends(1006);
  expect(written.mock.calls.map(([source]) => source)).toEqual(["message"]);
  written.mockRestore();
});

test("a listener is told the present state at once, and not again after it was taken back", async () => {
  const { socket } = await opened();
  const heard: State[] = [];
  const off = socket.subscribe((state) => heard.push(state));
  expect(heard).toEqual([socket.state]);
  off();
  socket.disconnect();
  expect(heard).toHaveLength(1);
});

test("debug masks what lets its reader be somebody else", async () => {
  const traced = vi.spyOn(console, "debug").mockImplementation(() => {});
  const { socket, ws } = await opened(
    { debug: true, token: () => 'my "secret\\' },
    { session: "my secret session", expires: 10 },
  );
  await pass(10);
  ws.says({ re: 2, param: { expires: 1_000 } });
  ws.says('{"cmd":"chat","param":{"accessToken" : "my secret","text":"told"}}');
  ws.says("my own words");
  socket.send({ cmd: "chat", param: { text: "said", password: "my secret" } as { text: string } });
  const lines = traced.mock.calls.map(([, line]) => String(line));
  expect(lines.join("\n")).not.toContain("secret");
  expect(lines.find((line) => line.includes(":connect"))).toContain('"token":"***"');
  expect(lines.find((line) => line.includes(":refresh"))).toContain('"token":"***"');
  expect(lines.find((line) => line.includes("c1"))).toContain('"session":"***"');
  for (const shown of ["told", "said", "my own words"]) expect(lines.join()).toContain(shown);
  traced.mockRestore();
});
