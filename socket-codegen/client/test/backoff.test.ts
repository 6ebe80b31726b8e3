// What a fleet does to a server that was away for a moment.

import { expect, test, vi } from "vitest";
import { Socket } from "./fixtures/chat/chat.ts";
import { FakeWebSocket, opened, pass, settle } from "./server.ts";

/** Numbers from 0 up to 1, the same in every run (Park and Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** When clients of a server that is away for 50 ms try to connect, in ms from the moment that it went. */
async function attemptsOf(clients: number, random: () => number): Promise<number[]> {
  const sockets: FakeWebSocket[] = [];
  const attempts: number[] = [];
  let wentAt = 0;
  class Server extends FakeWebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      sockets.push(this);
      if (wentAt === 0) return;
      const after = Date.now() - wentAt;
      attempts.push(after);
      // One that comes while the server is away comes again.
      setTimeout(() => (after < 50 ? this.ends(1006) : this.welcome()));
    }
  }
  for (let client = 0; client < clients; client++) {
    const url = "wss://example.test/";
    new Socket({ url, random, WebSocket: Server, onError: () => {} });
  }
  await settle();
  for (const socket of sockets) socket.welcome();
  wentAt = Date.now();
  for (const socket of [...sockets]) socket.ends(1001);
  await pass(5_000);
  vi.clearAllTimers();
  return attempts;
}

test("10,000 clients after a restart of 50 ms: never more than 600 attempts in 100 ms", {
  timeout: 60_000,
}, async () => {
  const random = numbers(7);
  const attempts: number[] = [];
  // They know nothing of each other, and few timers are looked through faster than many.
  for (let group = 0; group < 40; group++) attempts.push(...(await attemptsOf(250, random)));
  expect(attempts.length).toBeGreaterThanOrEqual(10_000);
  attempts.sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < attempts.length; last++) {
    while ((attempts[last] ?? 0) - (attempts[first] ?? 0) > 100) first++;
    most = Math.max(most, last - first + 1);
  }
  expect(most).toBeLessThanOrEqual(600);
  expect(most).toBeGreaterThan(400);
});

test.each([
  [0, [0, 0, 0, 0, 0]],
  [0.999, [1_998, 3_996, 7_992, 15_984, 19_980]],
])("with a random number of %d the delays are %j", async (chance, delays) => {
  const made = await opened({ random: () => chance });
  for (const delay of delays) {
    const now = Date.now();
    made.ws.ends(1006);
    expect(made.socket.state).toMatchObject({ status: "waiting", retryAt: now + delay });
    made.socket.connect();
    await settle();
  }
});
