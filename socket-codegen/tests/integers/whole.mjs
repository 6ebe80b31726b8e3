// One set of messages as three protocols, whose `int` differs: node whole.mjs FOLDER ADDRESS.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { WebSocket } from "../../client/node_modules/ws/wrapper.mjs";

const [folder, server] = process.argv.slice(2);
const { stream } = await import(pathToFileURL(`${folder}/socket.js`));

const U64 = 2n ** 64n - 1n;
const I64 = 2n ** 63n - 1n;
const I128 = 2n ** 127n - 1n;
const EXACT = {
  unsigned: [0n, 2n ** 53n, 2n ** 53n + 1n, U64],
  signed: [-I64 - 1n, -(2n ** 53n) - 1n, 0n, I64],
  huge: [-I128 - 1n, 0n, I128],
};
const SAFE = 2n ** 53n - 1n;
const ROUNDED = { unsigned: [0n, 1n, SAFE], signed: [-SAFE, 0n, SAFE], huge: [-SAFE, 0n, SAFE] };

/** Each protocol, with what an integer is in its programs and which it carries. */
const PROTOCOLS = {
  bigints: { int: (value) => value, carries: EXACT },
  digits: { int: (value) => value.toString(), carries: EXACT },
  rounded: { int: (value) => Number(value), carries: ROUNDED },
};

function ledger(int, unsigned, signed, huge) {
  const [u, i] = [int(unsigned), int(signed)];
  return {
    total: u,
    debt: i,
    huge: int(huge),
    limit: u,
    count: u,
    list: [u, int(0n)],
    pair: [u, i],
    beside: ["9007199254740993", u, null],
    by_name: { one: [u, "1"], ["__proto__"]: [u, "2"] },
    outcome: { Ok: u },
    age: { secs: u, nanos: 7 },
    steps: [
      { kind: "paid", amount: u },
      { kind: "note", amount: "9007199254740993" },
    ],
    kinds: [{ a: u }, [i, int(0n)]],
    flat: u,
    own: "18446744073709551615",
    name: "9007199254740993",
  };
}

for (const [name, { int, carries }] of Object.entries(PROTOCOLS)) {
  const { Socket } = await import(pathToFileURL(`${folder}/${name}.js`));
  const validators = await import(pathToFileURL(`${folder}/${name}.validate.js`));
  const errors = [];
  const url = `${server}/${name}`;
  const socket = new Socket({ url, WebSocket, onError: (...error) => errors.push(error) });
  const told = [];
  socket.on("kept", (event) => told.push(event));
  socket.on("counted", (count) => told.push(count));

  for (const unsigned of carries.unsigned) {
    for (const signed of carries.signed) {
      for (const huge of carries.huge) {
        const sent = ledger(int, unsigned, signed, huge);
        assert.deepEqual(validators.keepParam["~standard"].validate(sent), { value: sent });
        const kept = await socket.call({ cmd: "keep", param: sent });
        assert.deepEqual(kept, sent);
        assert.deepEqual(told.splice(0), [sent, sent.total]);
      }
    }
    const count = int(unsigned);
    assert.deepEqual(await socket.call({ cmd: "count", param: count }), count);
    const pairs = [[count, "1"]];
    assert.deepEqual(await socket.call({ cmd: "pairs", param: { pairs } }), pairs);
    const { error } = await socket.tryCall({ cmd: "refuse", param: { limit: count } });
    assert.deepEqual(error.data, { limit: count });
  }
  // What may be missing, and the other side of what is one of two.
  const { count: _, limit: __, ...least } = ledger(int, 1n, -1n, 0n);
  const failed = { ...least, outcome: { Err: "1" } };
  const kept = await socket.call({ cmd: "keep", param: failed });
  assert.deepEqual(kept, { ...failed, count: int(0n), limit: null });

  const largest = carries.unsigned.at(-1);
  const items = [];
  const down = stream(socket, { cmd: "down", param: { least: int(largest - 2n) } });
  let next = await down.next();
  for (; !next.done; next = await down.next()) items.push(next.value);
  assert.deepEqual(items, [int(largest), int(largest - 1n), int(largest - 2n)]);
  assert.deepEqual(next.value, int(largest - 2n));

  // What the type does not allow is refused: a number where there is text, and the other way round.
  const other = typeof int(1n) === "number" ? "1" : 1;
  for (const [cmd, param] of [
    ["count", other],
    ["pairs", { pairs: [[other, "1"]] }],
    ["keep", { ...least, steps: [{ kind: "paid", amount: other }] }],
    ["keep", { ...least, flat: other }],
  ]) {
    const { error } = await socket.tryCall({ cmd, param });
    assert.equal(error.code, "invalid-param", `${name} ${cmd}`);
  }
  assert.deepEqual(errors, []);
  socket.disconnect();
}
