// The samples of verify through the generated client: node run.mjs FOLDER SAMPLES. What a client may
// send leaves it as the sample is; what serde wrote reaches the program as its type says, and holds all
// of it. Prints how many there were.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const samples = JSON.parse(readFileSync(file, "utf8"));
const { stream } = await import(pathToFileURL(`${folder}/socket.js`));

/** A server that says what it is told to. */
class Server {
  static newest;
  bufferedAmount = 0;
  /** It hands over one message at a time, and each is looked at when it comes. */
  inTurn = true;
  sent = [];

  constructor() {
    Server.newest = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  says(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  welcome() {
    const limits = { message: 2 ** 24, channels: 8, rate: 1e6, burst: 1e6 };
    const times = { ping: 25_000, timeout: 10_000, spread: 1 };
    const param = { connection: "c", user: null, resumed: false, ...times, limits, channels: {} };
    this.onopen({});
    this.says({ re: 1, param });
  }
}

/** What a program holds, as it would cross the wire. */
function wire(value) {
  const text = JSON.stringify(value, (_key, value) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return text === undefined ? undefined : JSON.parse(text);
}

/** The validator of a message: `roomJoined` and `Event` of `room-joined`. */
function validatorOf(validators, name, kind) {
  const words = name.replace(/[-.](\w)/g, (_all, first) => first.toUpperCase());
  return validators[`${words}${kind}`];
}

let tried = 0;
for (const [protocol, messages] of Object.entries(samples)) {
  const { Socket, protocol: descriptor } = await import(pathToFileURL(`${folder}/${protocol}.js`));
  const validators = await import(pathToFileURL(`${folder}/${protocol}.validate.js`));
  const manifest = JSON.parse(readFileSync(`${folder}/${protocol}.manifest.json`, "utf8"));
  const errors = [];
  const socket = new Socket({
    url: "wss://example.test",
    WebSocket: Server,
    onError: (...error) => errors.push(error),
  });
  await new Promise((resolve) => setImmediate(resolve));
  const server = Server.newest;
  server.welcome();

  const of = (key) => messages[key] ?? [];
  /** That a value holds what crossed the wire, and its validator takes it. */
  const fits = (name, kind, value, sample) => {
    tried++;
    assert.deepEqual(wire(value), sample, `${protocol} ${name} ${kind}`);
    const validator = validatorOf(validators, name, kind);
    assert.ok(validator, `${protocol} ${name} ${kind} has a validator`);
    const { issues } = validator["~standard"].validate(value);
    assert.equal(issues, undefined, `${protocol} ${name} ${kind} ${JSON.stringify(sample)}`);
  };

  for (const { name } of manifest.events.items) {
    const heard = [];
    const stop = socket.on(name, (event) => heard.push(event));
    for (const sample of of(`events.${name}.param`)) {
      server.says({ cmd: name, param: sample });
      fits(name, "Event", heard.pop(), sample);
    }
    stop();
  }
  for (const { name, errors: declared, streaming } of manifest.commands.items) {
    const params = of(`commands.${name}.param`);
    const [param] = params;
    for (const sample of params) {
      socket.send({ cmd: name, param: sample });
      const { cmd, param: left } = server.sent.at(-1);
      tried++;
      assert.deepEqual([cmd, left], [name, sample]);
      // A `bigint` is its digits on the wire: what a program holds there, no sample says.
      if (!descriptor.replacer) {
        const { issues } = validatorOf(validators, name, "Param")["~standard"].validate(sample);
        assert.equal(issues, undefined, `${protocol} ${name} ${JSON.stringify(sample)}`);
      }
    }
    const answered = async (answer) => {
      const outcome = socket.tryCall({ cmd: name, param });
      await new Promise((resolve) => setImmediate(resolve));
      server.says({ re: server.sent.at(-1).id, ...answer });
      return outcome;
    };
    for (const sample of of(`commands.${name}.reply`)) {
      fits(name, "Reply", (await answered({ param: sample })).value, sample);
    }
    for (const { code } of declared?.items ?? []) {
      for (const data of of(`errors.${code}.data`)) {
        const { error } = await answered({ error: { code, message: "", data } });
        tried++;
        assert.deepEqual(wire(error.data), data, `${protocol} ${code}`);
      }
    }
    if (streaming) {
      const items = stream(socket, { cmd: name, param });
      await new Promise((resolve) => setImmediate(resolve));
      const re = server.sent.at(-1).id;
      for (const item of of(`commands.${name}.item`)) {
        server.says({ re, item });
        tried++;
        assert.deepEqual(wire((await items.next()).value), item, `${protocol} ${name} item`);
      }
      await items.return?.();
    }
  }
  assert.deepEqual(errors, []);
  socket.disconnect();
}
console.log(tried);
