// The generated client against the live server: node run.mjs FOLDER ADDRESS. Prints what it got, one
// JSON line each, and ends with 0 where all is as it was sent.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
// Node has a WebSocket of its own from version 22 on.
import { WebSocket } from "../../client/node_modules/ws/wrapper.mjs";

const [folder, server] = process.argv.slice(2);
const url = `${server}/integers`;
const { Socket } = await import(pathToFileURL(`${folder}/integers.js`));
const validators = await import(pathToFileURL(`${folder}/integers.validate.js`));

const U64 = 2n ** 64n - 1n;
const I64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const U128 = 2n ** 128n - 1n;
const I128 = { least: -(2n ** 127n), most: 2n ** 127n - 1n };
const SAFE = 2n ** 53n;
const LIMITS = [0n, 1n, SAFE - 1n, SAFE, SAFE + 1n, U64];
const SIGNED = [I64.least, -SAFE - 1n, -SAFE, 1n - SAFE, 0n, SAFE - 1n, SAFE, SAFE + 1n, I64.most];

const errors = [];
const socket = new Socket({ url, WebSocket, onError: (...error) => errors.push(error) });

function account(id, balance, more = {}) {
  return {
    id,
    balance,
    huge: U128,
    limit: null,
    changes: SIGNED,
    last: [I64.least, I64.most],
    seen: LIMITS,
    by_day: { least: I128.least, most: I128.most, ["__proto__"]: 5n },
    deep: { none: [], some: [null, U64] },
    age: { secs: U64, nanos: 7 },
    parent: null,
    keys: { [U64]: true, [SAFE + 1n]: false },
    name: "9007199254740993",
    ...more,
  };
}

function everything(id, balance) {
  const digits = "9007199254740993";
  return {
    account: account(id, balance, { limit: id, parent: account(U64, I64.least) }),
    entries: [
      { kind: "paid", amount: id },
      { kind: "note", amount: digits },
      { kind: "opened", least: I64.least, most: null },
      { kind: "closed" },
    ],
    changes: [
      "Nothing",
      { By: balance },
      { To: { amount: balance, why: digits } },
      { Each: [{ kind: "paid", amount: id }] },
    ],
    beside: [
      { t: "Digits", c: digits },
      { t: "Number", c: id },
      { t: "Maybe", c: id },
      { t: "Maybe", c: null },
    ],
    kinds: [0.5, id, SIGNED, { a: id }],
    flat: { name: digits, kind: "paid", amount: id },
    pair: [account(id, balance), digits],
    by_name: { one: { By: balance } },
  };
}

function check(validator, value) {
  assert.deepEqual(validator["~standard"].validate(value), { value });
}

const events = [];
const counted = [];
socket.on("echoed", (event) => events.push(event));
socket.on("counted", ({ count }) => counted.push(count));

// `bigint`, in commands, replies and events, wherever a type can hold it.
for (const id of LIMITS) {
  for (const balance of [I64.least, 1n - SAFE, SAFE, I64.most]) {
    const sent = everything(id, balance);
    check(validators.echoParam, sent);
    const reply = await socket.call({ cmd: "echo", param: sent });
    assert.deepEqual(reply, sent);
    check(validators.echoReply, reply);
    // The events were sent before the reply.
    assert.deepEqual(events.pop(), sent);
    assert.equal(counted.pop(), id);
  }
}
for (const a of SIGNED) {
  assert.deepEqual(await socket.call({ cmd: "add", param: { a } }), { sum: a });
  assert.deepEqual(await socket.call({ cmd: "add", param: { a, b: null } }), { sum: a });
}
assert.deepEqual(await socket.call({ cmd: "add", param: { a: I64.most, b: I64.least } }), { sum: -1n });

// The integers of errors, and those of the protocol's own errors, which are numbers.
for (const limit of LIMITS) {
  const { ok, error } = await socket.tryCall({ cmd: "refuse", param: { limit } });
  assert.equal(ok, false);
  assert.equal(error.code, "over");
  assert.deepEqual(error.data, { limit });
}

// Beyond the type: refused by the server, and by the validator before that.
for (const a of [I64.most + 1n, I64.least - 1n]) {
  const { error } = await socket.tryCall({ cmd: "add", param: { a } });
  assert.equal(error.code, "invalid-param");
  assert.equal(error.data.path, "a");
  assert.notEqual(validators.addParam["~standard"].validate({ a }).issues, undefined);
}
assert.notEqual(validators.addParam["~standard"].validate({ a: "1" }).issues, undefined);

// `number`: exact as far as JavaScript is, and nothing else is ever sent.
const SAFE_NUMBER = Number.MAX_SAFE_INTEGER;
for (const unsigned of [0, 1, SAFE_NUMBER]) {
  for (const signed of [-SAFE_NUMBER, 0, SAFE_NUMBER]) {
    const sent = { unsigned, signed };
    assert.deepEqual(await socket.call({ cmd: "numbers", param: sent }), sent);
  }
}
for (const unsigned of [2 ** 53, 2 ** 63]) {
  const param = { unsigned, signed: 0 };
  assert.notEqual(validators.numbersParam["~standard"].validate(param).issues, undefined);
  const { error } = await socket.tryCall({ cmd: "numbers", param });
  assert.equal(error.code, "invalid-param");
}
assert.equal((await socket.tryCall({ cmd: "beyond" })).error.code, "internal");

// `string`: the digits.
for (const unsigned of LIMITS) {
  for (const signed of SIGNED) {
    const sent = { unsigned: `${unsigned}`, signed: `${signed}`, huge: `${I128.least}` };
    assert.deepEqual(await socket.call({ cmd: "texts", param: sent }), sent);
  }
}

// NaN and infinities are told to the program that sends them, and never sent.
let measured = 0;
socket.on("measured", () => measured++);
assert.deepEqual(await socket.call({ cmd: "nan", param: { reply: false } }), {
  said: "param.value[1] cannot be written as JSON: JSON has no number NaN",
  value: 1,
});
assert.equal((await socket.tryCall({ cmd: "nan", param: { reply: true } })).error.code, "internal");
assert.equal(measured, 0);

assert.deepEqual(errors, []);
socket.disconnect();
