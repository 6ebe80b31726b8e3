// What a page does when it wakes up, on a page that the test pretends.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { client, opened, pass, settle } from "./server.ts";

let host: EventTarget;
let page: EventTarget & { hidden: boolean };

beforeEach(() => {
  host = new EventTarget();
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("addEventListener", host.addEventListener.bind(host));
  vi.stubGlobal("removeEventListener", host.removeEventListener.bind(host));
  vi.stubGlobal("document", page);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const wake = (type: string) => {
  for (const target of [host, page]) target.dispatchEvent(new Event(type));
};

test.each(["online", "focus", "pageshow", "visibilitychange", "resume"])(
  "after %s a silent connection is given up in 2.5 s",
  async (type) => {
    const made = await opened();
    wake(type);
    expect(made.ws.commands).toEqual([{ cmd: ":ping" }]);
    await pass(2_499);
    expect(made.socket.state.status).toBe("open");
    await pass(1);
    expect(made.socket.state).toMatchObject({
      status: "waiting",
      cause: { message: "timeout" },
    });
  },
);

test("any frame is a sign of life, and the usual deadline holds again", async () => {
  const made = await opened();
  wake("focus");
  await pass(2_000);
  made.ws.says({ cmd: ":pong" });
  await pass(34_999);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state.status).toBe("waiting");
});

test("several events of one awakening ask once", async () => {
  const made = await opened();
  for (const type of ["pageshow", "visibilitychange", "focus"]) wake(type);
  expect(made.ws.commands).toEqual([{ cmd: ":ping" }]);
});

test("a page that is being hidden does not ask, and one that is hidden still connects", async () => {
  const made = await opened();
  page.hidden = true;
  wake("visibilitychange");
  expect(made.ws.commands).toEqual([]);
  made.ws.ends(1006);
  await pass(1_000);
  expect(made.sockets).toHaveLength(2);
});

test("a page that slept past the deadline gives up at once", async () => {
  const made = await opened();
  // Timers stand still in sleep, the clock does not.
  vi.setSystemTime(Date.now() + 3_600_000);
  wake("resume");
  expect(made.ws.commands).toEqual([]);
  await pass(1);
  expect(made.states.map(({ status }) => status).slice(-2)).toEqual(["waiting", "connecting"]);
  expect(made.sockets).toHaveLength(2);
});

test("a network that is back is tried at once, a server that closed keeps its delay", async () => {
  const made = await opened();
  made.ws.ends(1006);
  wake("online");
  await settle();
  expect(made.sockets).toHaveLength(2);
  made.ws.welcome();
  made.ws.ends(4429);
  wake("online");
  await settle();
  expect(made.sockets).toHaveLength(2);
  vi.setSystemTime(Date.now() + 3_600_000);
  wake("online");
  await settle();
  expect(made.sockets).toHaveLength(3);
});

test("coming back from the page cache: the dead socket's error and close lead to a new one", async () => {
  const made = await opened();
  wake("pageshow");
  made.ws.ends(1006);
  await pass(1_000);
  expect(made.sockets).toHaveLength(2);
  made.ws.welcome();
  expect(made.socket.state.status).toBe("open");
});

test("a wake event opens nothing that was not opened, or that was closed", async () => {
  const idle = client({ connect: false });
  const closed = await opened();
  closed.socket.disconnect();
  wake("online");
  await pass(60_000);
  expect(idle.sockets).toHaveLength(0);
  expect(closed.sockets).toHaveLength(1);
  closed.socket.connect();
  await settle();
  closed.ws.welcome();
  wake("online");
  expect(closed.ws.commands).toEqual([{ cmd: ":ping" }]);
});

test("a socket that was closed listens to the page no more", async () => {
  const heard = new Set<string>();
  vi.stubGlobal("addEventListener", (moment: string) => heard.add(moment));
  vi.stubGlobal("removeEventListener", (moment: string) => heard.delete(moment));
  const made = await opened();
  expect(heard.size).toBe(5);
  made.socket.disconnect();
  expect(heard.size).toBe(0);
});

test("a page that slept while it connected tries anew at once", async () => {
  const made = client();
  await settle();
  made.ws.open();
  vi.setSystemTime(Date.now() + 3_600_000);
  wake("pageshow");
  await pass(1_000);
  expect(made.states.slice(-2)).toMatchObject([
    { status: "waiting", cause: { message: "timeout" } },
    { status: "connecting", attempt: 1 },
  ]);
});

test("a connection that fell silent is replaced at once, also without a wake-up", async () => {
  const made = await opened();
  await pass(35_001);
  expect(made.sockets).toHaveLength(2);
  // One that was never let in waits like any other.
  await pass(10_000);
  expect(made.socket.state).toMatchObject({ status: "waiting" });
});

test.each([1000, 1001, 1012, 4408])("after %i the server's delay holds", async (code) => {
  const made = await opened();
  made.ws.ends(code);
  wake("focus");
  await settle();
  expect(made.sockets).toHaveLength(1);
  await pass(2_000);
  expect(made.sockets).toHaveLength(2);
});

test("a burst of events asks once a second, and the last of them is looked at", async () => {
  const made = await opened();
  for (let n = 0; n < 60; n++) {
    wake("focus");
    made.ws.says({ cmd: ":pong" });
    await pass(15);
  }
  expect(made.ws.commands).toEqual([{ cmd: ":ping" }]);
  // The connection died within that second.
  await pass(100);
  expect(made.ws.commands).toHaveLength(2);
  await pass(2_499);
  expect(made.socket.state.status).toBe("open");
  await pass(1);
  expect(made.socket.state.status).toBe("waiting");
});

test("a burst of events while the server is away dials once a second", async () => {
  const made = await opened({ random: () => 0.999 });
  made.ws.ends(1006);
  for (let n = 0; n < 60; n++) {
    wake("focus");
    await pass(15);
    if (made.socket.state.status === "connecting") made.ws.ends(1006);
  }
  expect(made.sockets).toHaveLength(2);
  await pass(100);
  expect(made.sockets).toHaveLength(3);
});

test("a clock that was set back holds no question up", async () => {
  let set = 0;
  const made = await opened({ now: () => Date.now() + set });
  wake("focus");
  made.ws.says({ cmd: ":pong" });
  set = -3_600_000;
  await pass(500);
  wake("focus");
  await pass(1_000);
  expect(made.ws.commands).toHaveLength(2);
});
