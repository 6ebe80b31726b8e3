// How a program sees it: what is right compiles, what is wrong does not.

import { type Everything, type Numbers, Socket, type Texts, type Words } from "./integers.js";

const socket = new Socket({ url: "wss://example.test", connect: false });

export async function right(): Promise<bigint> {
  const { sum } = await socket.call({ cmd: "add", param: { a: 1n, b: null } });
  socket.on("counted", ({ count }) => count + 1n);
  socket.on("echoed", (all: Everything) => {
    const { account, kinds } = all;
    const held: bigint | null = account.parent?.limit ?? account.limit;
    const seconds: bigint = account.age.secs;
    const key: bigint = BigInt(Object.keys(account.keys)[0] ?? 0);
    for (const kind of kinds) if (typeof kind === "bigint") seconds < kind;
    for (const entry of all.entries) if (entry.kind === "paid") entry.amount * 2n;
    return [held, key];
  });
  const result = await socket.tryCall({ cmd: "refuse", param: { limit: 1n } });
  if (!result.ok && result.error.code === "over") return result.error.data.limit;
  const numbers: Numbers = { unsigned: 1, signed: -1 };
  const texts: Texts = { unsigned: "1", signed: "-1", huge: "1" };
  await socket.call({ cmd: "numbers", param: numbers });
  await socket.call({ cmd: "texts", param: texts });
  // What `#[ts(…)]` says stands for what the wire says.
  const words: Words = await socket.call({ cmd: "nan", param: { reply: false } });
  const brand: "said" | undefined = words.said.brand;
  socket.on("measured", ({ value }) => value?.map((one) => one + (brand?.length ?? 0)));
  return sum;
}

export function wrong(): void {
  // @ts-expect-error a number is no `bigint`
  socket.send({ cmd: "add", param: { a: 1 } });
  // @ts-expect-error nor is text
  socket.send({ cmd: "add", param: { a: "1" } });
  // @ts-expect-error and a `bigint` is no number
  socket.send({ cmd: "numbers", param: { unsigned: 1n, signed: 0 } });
}
