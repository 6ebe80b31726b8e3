import { expect, test } from "vitest";
import { client, opened, settle } from "./server.ts";

test("the first frame is :connect, over socket.v1", async () => {
  const { ws } = await opened();
  expect(ws.url).toBe("wss://example.test/socket");
  expect(ws.protocol).toBe("socket.v1");
  expect(ws.sent[0]).toEqual({
    cmd: ":connect",
    id: 1,
    param: { protocol: { name: "chat", fingerprint: "9f3c5a1e7b20d486" }, channels: {} },
  });
});

test("the welcome opens it, and says who we are", async () => {
  const { socket, onOpen, states } = await opened({}, { user: { id: "u1", name: "ann" } });
  expect(socket.state).toEqual({ status: "open", id: "c1", user: { id: "u1", name: "ann" } });
  expect(onOpen).toHaveBeenCalledOnce();
  expect(states.at(-1)).toBe(socket.state);
});

test("a relative url goes by the location of the page", async () => {
  const scope = globalThis as { location?: { href: string } };
  scope.location = { href: "https://page.test/app/#top" };
  const made = client({ url: "/example/socket?ch=a" });
  await settle();
  expect(made.ws.url).toBe("wss://page.test/example/socket?ch=a");
  delete scope.location;
});
