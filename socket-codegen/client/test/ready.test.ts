import { expect, test } from "vitest";
import { ready } from "../dist/socket.js";
import { client, opened, pass, settle } from "./server.ts";

test("it comes at once where there is a connection, and else with the next", async () => {
  const made = await opened();
  expect(await ready(made.socket)).toBe(made.socket.state);
  made.ws.ends(1006);
  let isReady = false;
  const again = ready(made.socket).finally(() => {
    isReady = true;
  });
  await pass(1_000);
  expect([made.socket.state.status, isReady]).toEqual(["connecting", false]);
  made.ws.welcome({ connection: "c2" });
  expect(await again).toMatchObject({ status: "open", id: "c2" });
});

test("it waits for connect(), which it does not call itself", async () => {
  const made = client({ connect: false });
  const state = ready(made.socket);
  await settle();
  expect(made.sockets).toEqual([]);
  made.socket.connect();
  await settle();
  made.ws.welcome();
  expect(await state).toBe(made.socket.state);
});

test("it ends with the cause where the socket is closed for good", async () => {
  const made = client();
  await settle();
  const lost = ready(made.socket);
  made.ws.open();
  made.ws.ends(4503, "not you");
  const cause = { kind: "refused", closeCode: 4503 };
  await expect(lost).rejects.toMatchObject({ code: "disconnected", sent: false, cause });
  await expect(ready(made.socket)).rejects.toMatchObject({ code: "disconnected", cause });
});

test("a signal ends the wait, before it or later, and leaves nothing behind", async () => {
  const { socket } = client();
  const abort = new AbortController();
  const states: string[] = [];
  const lost = ready(socket, { signal: abort.signal }).catch(({ code }) => states.push(code));
  abort.abort("enough");
  await lost;
  expect(states).toEqual(["aborted"]);
  await expect(ready(socket, { signal: abort.signal })).rejects.toMatchObject({ cause: "enough" });
});
