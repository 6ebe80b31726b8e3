// What a fleet does to a server that was away for a moment.

import { expect, test } from "vitest";
import { delayOf, endOf } from "../src/backoff.ts";

/** Numbers from 0 up to 1, the same in every run (Park and Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test("10,000 clients after a restart of 50 ms: never more than 600 attempts in 100 ms", () => {
  const random = numbers(7);
  const attempts: number[] = [];
  for (let client = 0; client < 10_000; client++) {
    let at = 0;
    for (let attempt = 0; ; attempt++) {
      at += delayOf(random, 2_000, attempt);
      attempts.push(at);
      // One that comes while the server is away comes again.
      if (at >= 50) break;
    }
  }
  attempts.sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < attempts.length; last++) {
    while ((attempts[last] ?? 0) - (attempts[first] ?? 0) > 100) first++;
    most = Math.max(most, last - first + 1);
  }
  expect(most).toBeLessThanOrEqual(600);
  expect(most).toBeGreaterThan(400);
});

test("every delay is anywhere below its bound, and none exceeds 20 s", () => {
  expect(delayOf(() => 0, 2_000, 0)).toBe(0);
  expect(delayOf(() => 0.999, 2_000, 0)).toBeCloseTo(1_998);
  expect(delayOf(() => 1, 2_000, 3)).toBe(16_000);
  expect(delayOf(() => 1, 2_000, 4)).toBe(20_000);
  expect(delayOf(() => 1, 2_000, 5_000)).toBe(20_000);
});

test("from 4500 on a close is for good", () => {
  expect([undefined, 1006, 4401, 4499].map((code) => endOf(code))).toEqual(
    Array(4).fill(undefined),
  );
  expect([4500, 4526, 4999].map((code) => endOf(code))).toEqual([
    "refused",
    "upgrade-required",
    "refused",
  ]);
});
