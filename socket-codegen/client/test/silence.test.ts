// How long a server may be silent, over lines that take long for a large message.

import { expect, test, vi } from "vitest";
import { client, opened, pass, settle, WELCOME } from "./server.ts";

const chat = { cmd: "chat", param: { user: "ann", text: "large", time: 1 } };

test("without a word of it a connection is given up after 35 s", async () => {
  const made = await opened();
  await pass(34_999);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state.status).toBe("waiting");
});

test("a large message that was announced may take as long as it says", async () => {
  const made = await opened();
  await pass(10_000);
  made.ws.says({ cmd: ":large", param: { within: 112_500 } });
  await pass(35_000 + 112_499);
  expect(made.socket.state.status).toBe("open");
  made.ws.says(chat);
  expect(made.messages).toHaveLength(1);
  // What was allowed for it is over.
  await pass(35_000);
  expect(made.socket.state.status).toBe("waiting");
  expect(made.sockets).toHaveLength(1);
});

test("one that does not come is given up", async () => {
  const made = await opened();
  made.ws.says({ cmd: ":large", param: { within: 1_000 } });
  await pass(36_000);
  expect(made.socket.state.status).toBe("waiting");
});

test.each([undefined, null, {}, { within: -1 }, { within: "soon" }, { within: 1e300 }])(
  "an announcement that says %j changes nothing",
  async (param) => {
    const made = await opened();
    made.ws.says({ cmd: ":large", param });
    expect(made.errors).toEqual([]);
    await pass(35_000);
    expect(made.socket.state.status).toBe("waiting");
  },
);

test("a page that wakes up while a large message comes does not ask in vain", async () => {
  const page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
  const made = await opened();
  made.ws.says({ cmd: ":large", param: { within: 60_000 } });
  page.dispatchEvent(new Event("visibilitychange"));
  await pass(60_000);
  expect(made.socket.state.status).toBe("open");
  expect(made.ws.commands).toEqual([]);
  made.ws.says(chat);
  page.dispatchEvent(new Event("visibilitychange"));
  expect(made.ws.commands).toEqual([{ cmd: ":ping" }]);
  vi.unstubAllGlobals();
});

test("the welcome may be announced too", async () => {
  const made = client();
  await settle();
  made.ws.open();
  made.ws.says({ cmd: ":large", param: { within: 60_000 } });
  await pass(60_000);
  expect(made.socket.state.status).toBe("connecting");
  made.ws.says({ re: 1, param: WELCOME });
  expect(made.socket.state.status).toBe("open");
});

test("from a server that announces nothing it arrives at the second attempt", async () => {
  const made = await opened();
  // 900 kB at 20 kB/s.
  const line = 45_000;
  await pass(line);
  expect(made.sockets).toHaveLength(2);
  await settle();
  made.ws.welcome();
  await pass(line);
  made.ws.says(chat);
  expect(made.messages).toHaveLength(1);
  expect(made.sockets).toHaveLength(2);
  // Something new was heard: silence is silence again.
  made.ws.says({ cmd: ":ping" });
  await pass(34_999);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state.status).toBe("waiting");
});

test("the silence that is allowed doubles up to eight times, until something new is heard", async () => {
  const made = await opened();
  const silent = async (ms: number) => {
    await pass(ms - 1);
    expect(made.socket.state.status).toBe("open");
    await pass(1);
    await pass(1);
    expect(made.socket.state.status).toBe("connecting");
    made.ws.welcome();
  };
  for (const times of [1, 2, 4, 8, 8]) await silent(times * 35_000);
  // A sign of life alone is nothing new.
  await pass(1_000);
  made.ws.says({ cmd: ":ping" });
  await silent(8 * 35_000);
  made.ws.says(chat);
  made.ws.says({ cmd: ":ping" });
  await silent(35_000);
});

test("a close is no silence", async () => {
  const made = await opened();
  made.ws.ends(1006);
  await pass(2_000);
  made.ws.welcome();
  await pass(35_000);
  expect(made.socket.state.status).toBe("waiting");
});
