// Testing: a server for the tests of your program, in the same process and without a network. Typed by the
// protocol from its other side: it takes what the client sends, and sends what the client takes. It waits
// for no timer, so fake ones need not be advanced for it.
/** One connection, as its client sees it. */
class MockConnection {
    bufferedAmount = 0;
    onopen = null;
    onmessage = null;
    onclose = null;
    onerror = null;
    channels = new Set();
    /** The client was let in. */
    open = false;
    ended = false;
    hear = () => { };
    closed = () => { };
    send(data) {
        if (!this.ended)
            this.hear(data);
    }
    close() {
        this.ended = true;
        this.closed();
    }
    says(message) {
        if (!this.ended)
            this.onmessage?.({ data: JSON.stringify(message) });
    }
    /** The server, or the network, ends it. */
    end(code, reason) {
        if (this.ended)
            return;
        this.close();
        this.onclose?.({ code, reason });
    }
}
/** The server's no: what a handler gives back instead of a reply. Made by `refuse`. */
export class Refusal {
    error;
    constructor(error) {
        this.error = error;
    }
}
function answer(connection, re, outcome) {
    if (outcome instanceof Refusal)
        connection.says({ re, error: wire(outcome.error) });
    else
        connection.says({ re, param: outcome ?? {} });
}
function wire(error) {
    return { message: error.code, ...error };
}
function closeCodeOf(code) {
    return { unauthorized: 4401, forbidden: 4401, "upgrade-required": 4526 }[code] ?? 1001;
}
/** What `expectSent` and the like throw. */
export class MockError extends Error {
    name = "MockError";
}
/** Refuses: `server.on("join-room", () => refuse({ code: "room-full", data: { max: 3 } }))`. */
export function refuse(error) {
    return new Refusal(error);
}
/**
 * A server of that protocol. Give its `WebSocket` to the sockets of your program, as the option or as the
 * global one:
 *
 * ```ts
 * const server = new MockServer(Socket);
 * server.on("join-room", ({ room }) => ({ room, members: 1 }));
 * const socket = new Socket({ url: "ws://mock", WebSocket: server.WebSocket });
 * ```
 */
export class MockServer {
    /** What to give to clients. */
    WebSocket;
    #Socket;
    #options;
    #handlers = new Map();
    #connections = new Set();
    #sent = [];
    #waiting = [];
    #made = 0;
    #stopped = false;
    constructor(Socket, options = {}) {
        this.#Socket = Socket;
        this.#options = options;
        const dial = (connection) => this.#dial(connection);
        this.WebSocket = class extends MockConnection {
            constructor() {
                super();
                dial(this);
            }
        };
    }
    /** A socket that is connected to this server; the options are those of every socket. */
    socket(options = {}) {
        const Socket = this.#Socket;
        const all = { url: "ws://mock.invalid/", WebSocket: this.WebSocket, ...options };
        // A test says what it does about gaps only where it is about them.
        return new Socket(all);
    }
    /** Everything that clients sent, oldest first, but for the protocol's own commands. */
    get sent() {
        return this.#sent;
    }
    /** Forgets what was sent until now. */
    clear() {
        this.#sent = [];
    }
    /** The channels that some client is in. */
    get channels() {
        return [...new Set(this.#open().flatMap(({ channels }) => [...channels]))];
    }
    /** Resolves when a client is let in: at once where one is. */
    async opened() {
        while (this.#open().length === 0) {
            await new Promise((resolve) => this.#waiting.push(resolve));
        }
    }
    /** What answers a command from now on: a reply, or a function that gives one or refuses. */
    on(cmd, reply) {
        const handle = typeof reply === "function" ? reply : () => reply;
        this.#handlers.set(cmd, handle);
    }
    /** Sends an event to the members of `channel`, or without one to every client. */
    emit(event, param, to = {}) {
        const open = this.#members(`emit ${String(event)}`, to.channel);
        for (const connection of open)
            connection.says({ cmd: event, param, ...to });
    }
    /** Takes every client out of a channel, as a server does that revokes a membership. */
    expel(channel, error = { code: "forbidden" }) {
        for (const connection of this.#members("expel", channel)) {
            connection.channels.delete(channel);
            connection.says({ cmd: ":closed", channel, param: { reason: wire(error) } });
        }
    }
    /**
     * Ends every connection with a close code: 1006, the default, is a network that broke. From 4500 on
     * clients stay away; after any other they come back.
     */
    drop(code = 1006, reason = "") {
        if (this.#connections.size === 0)
            throw new MockError(`drop ${code}: nobody is connected`);
        for (const connection of [...this.#connections])
            connection.end(code, reason);
    }
    /** Is out of reach until `start()`: ends every connection, and fails every new one. */
    stop() {
        this.#stopped = true;
        for (const connection of [...this.#connections])
            connection.end(1006, "");
    }
    /** Can be reached again. */
    start() {
        this.#stopped = false;
    }
    /** The newest such command. Throws a `MockError` where none was sent: it tells what was. */
    expectSent(cmd, param, where = {}) {
        const found = [...this.#sent]
            .reverse()
            .find((sent) => sent.cmd === cmd &&
            (param === undefined || isSame(sent.param, param)) &&
            (where.channel === undefined || sent.channel === where.channel));
        if (found)
            return found;
        const expected = shown({ cmd, ...where, ...(param === undefined ? {} : { param }) });
        const sent = this.#sent.map((one, at) => `\n  ${at + 1}. ${shown(one)}`).join("");
        const nothing = this.#open().length > 0 ? "nothing" : "nothing, and it is not connected";
        throw new MockError(`expected the client to send ${expected}\nit sent ${sent || nothing}`);
    }
    #open() {
        return [...this.#connections].filter(({ open }) => open);
    }
    /** The clients that an action concerns. Throws where there are none: the test meant some. */
    #members(action, channel) {
        const open = this.#open();
        if (open.length === 0) {
            throw new MockError(`${action}: nobody is connected; await server.opened() first`);
        }
        if (channel === undefined)
            return open;
        const members = open.filter(({ channels }) => channels.has(channel));
        if (members.length > 0)
            return members;
        const joined = this.channels.join(", ") || "no channel";
        throw new MockError(`${action}: no client is in ${channel}; they are in ${joined}`);
    }
    #dial(connection) {
        connection.hear = (text) => {
            const frame = JSON.parse(text);
            for (const message of Array.isArray(frame) ? frame : [frame])
                this.#hear(connection, message);
        };
        connection.closed = () => this.#connections.delete(connection);
        this.#connections.add(connection);
        queueMicrotask(() => {
            if (this.#stopped)
                connection.end(1006, "");
            else if (!connection.ended)
                connection.onopen?.({});
        });
    }
    #hear(connection, message) {
        // As over a network: an answer never comes before the call that asks for it has returned.
        queueMicrotask(() => {
            const cmd = String(message["cmd"]);
            if (!cmd.startsWith(":"))
                void this.#command(connection, message);
            else
                this.#builtin(connection, cmd, message);
        });
    }
    async #command(connection, message) {
        const sent = { ...message, param: message["param"] ?? {} };
        this.#sent.push(sent);
        const { id } = message;
        const cmd = String(message["cmd"]);
        const handle = this.#handlers.get(cmd);
        if (!handle) {
            const hint = `the mock server has no answer to ${cmd}: server.on(${JSON.stringify(cmd)}, …)`;
            if (id !== undefined)
                answer(connection, id, refuse({ code: "internal", message: hint }));
            return;
        }
        let outcome;
        try {
            outcome = await handle(sent.param, sent);
        }
        catch (error) {
            const text = `the mock server's handler of ${cmd} threw: ${String(error)}`;
            outcome = refuse({ code: "internal", message: text });
        }
        if (id !== undefined)
            answer(connection, id, outcome);
        else if (outcome instanceof Refusal) {
            const error = wire(outcome.error);
            const data = { ...error["data"], cmd };
            connection.says({ cmd: ":error", param: { ...error, data } });
        }
    }
    #builtin(connection, cmd, message) {
        const { id } = message;
        const channel = String(message["channel"] ?? "");
        const { join, expires, user = null } = this.#options;
        switch (cmd) {
            case ":connect":
                return this.#connect(connection, id, (message["param"] ?? {}));
            case ":join": {
                const refused = join?.(channel);
                if (!refused)
                    connection.channels.add(channel);
                return answer(connection, id, refused ?? NO_HISTORY);
            }
            case ":leave":
                connection.channels.delete(channel);
                return answer(connection, id, {});
            case ":members": {
                const { length } = this.#open().filter(({ channels }) => channels.has(channel));
                const members = [{ connection: "mock-1", user }];
                return answer(connection, id, { count: length, members: length > 0 ? members : [] });
            }
            case ":history":
                return answer(connection, id, { epoch: "mock", at: 0, events: [] });
            case ":refresh":
                return answer(connection, id, { expires });
            case ":ping":
                return connection.says({ cmd: ":pong" });
        }
    }
    #connect(connection, re, param) {
        const { connect, join, channel, expires, spread = 50, user = null } = this.#options;
        const token = param["token"];
        const who = connect ? connect(typeof token === "string" ? { token } : {}) : user;
        if (who instanceof Refusal) {
            answer(connection, re, who);
            return connection.end(closeCodeOf(who.error.code), who.error.message ?? who.error.code);
        }
        const results = {};
        const wanted = Object.keys((param["channels"] ?? {}));
        for (const name of new Set(channel === undefined ? wanted : [channel, ...wanted])) {
            const refused = name === channel ? undefined : join?.(name);
            if (!refused)
                connection.channels.add(name);
            results[name] = refused ? { error: wire(refused.error) } : NO_HISTORY;
        }
        connection.open = true;
        answer(connection, re, {
            ...{ connection: `mock-${++this.#made}`, user: who, resumed: false, spread, expires },
            ...{ ping: 25_000, timeout: 10_000, limits: { message: 65_536 }, channels: results },
        });
        for (const resolve of this.#waiting.splice(0))
            resolve();
    }
}
const NO_HISTORY = { recovery: "none" };
function shown({ cmd, channel, param }) {
    const where = channel === undefined ? "" : ` to ${channel}`;
    return `${String(cmd)}${where}${param === undefined ? "" : ` with ${JSON.stringify(param)}`}`;
}
/** Whether two values are the same JSON, whatever the order of their fields. */
function isSame(one, other) {
    return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}
function sorted(_, value) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
        return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
