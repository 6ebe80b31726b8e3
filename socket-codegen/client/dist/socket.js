// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Types
//   Recovery
//   Channel
//   State
//   Errors
//   Outgoing
//   Wake
//   Wire
//   Options
//   Untyped
//   Client
//   Socket
//   Define
//   History
//   Unread
//   Messages
//   Ready
//   Reviving
//   Stream
/** What emitted files hand to `define` where their protocol keeps history. */
export const recovery = [
    (member, said, anew) => {
        const { epoch, at } = Object(said);
        if (anew || !member.since)
            member.since = typeof at === "number" ? { epoch, at } : undefined;
    },
    (member, { at, prev }, missed) => {
        const since = member?.since;
        if (!since || typeof at !== "number")
            return true;
        if (at <= since.at)
            return false;
        member.since = { ...since, at };
        if ((prev ?? at - 1) > since.at)
            missed();
        return true;
    },
];
/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
    /** The message is the code where none is given. */
    constructor({ code = "internal", message = code, data, sent = false, cause }) {
        super(message, { cause });
        Object.assign(this, { name: "SocketError", code, data, sent });
    }
}
/** What the server sent as an error. */
function errorOf(error) {
    return new SocketError(Object(error));
}
/** A promise of something that ends. */
function promiseOf(start) {
    return new Promise((resolve, reject) => start((outcome) => (outcome instanceof SocketError ? reject : resolve)(outcome)));
}
/** Messages that wait for the connection at most; further ones are refused. */
const MOST_WAITING = 1_000;
/** Bytes that wait for the connection at most. Over as much that the WebSocket holds back, it counts as not open. */
const MOST_BYTES = 2 ** 20;
const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];
/** Begins or ends to call `wake` at each of them. The same function is never called twice for one. */
function listen(how, wake) {
    for (const place of [globalThis, globalThis.document])
        for (const moment of MOMENTS)
            place?.[how]?.(moment, wake);
}
// -------------------------------------------------------------------------------------------------
// Wire: what of the protocol has a number or a name, and how numbers from outside are read.
/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;
/** What a limit is that nobody set, and in ms what no timer of any engine minds: beyond 24 days they fire at once. */
const UNLIMITED = 1e9;
/** A number that somebody else chose, where it is one that can be meant. */
const numberOf = (value, otherwise) => typeof value === "number" && value >= 0 && value < UNLIMITED ? value : otherwise;
/** Makes a client of `client`: the object that programs hold. */
function createClient(client, descriptor, options) {
    // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
    const { url, token: provider, random = Math.random, onError = console.error } = options;
    const [stand, isNext] = descriptor.recovery ?? [];
    const now = options.now ?? Date.now;
    let state = { status: "idle" };
    const is = (status) => state.status === status;
    // Telling: who wants to hear what.
    const listeners = new Map();
    /** Asynchronous, so that what `onError` throws surfaces outside of everything. */
    const report = async (source, message, cause) => {
        onError(source, message, cause instanceof SocketError ? cause : new SocketError({ code: source, message, cause }));
    };
    const on = (key, handler) => {
        const entries = listeners.get(key) ?? new Set();
        // Its own object, so that the same one given twice is two handlers with two ends.
        const entry = [handler];
        listeners.set(key, entries.add(entry));
        const off = () => {
            if (entries.delete(entry) && !entries.size)
                listeners.delete(key);
        };
        // Where the engine knows no such symbol, nobody asks for what stands there instead.
        off[Symbol.dispose] = off;
        return off;
    };
    const onEvent = (key, handler) => on(key, (message) => handler(message.param, message));
    /**
     * Runs the handlers of these keys, those that are there now, and not one that another took back, nor
     * any once the state is another. `false`: there was none.
     */
    const tell = (keys, ...args) => {
        const then = state;
        let heard = false;
        for (const key of keys) {
            for (const entry of [...(listeners.get(key) ?? [])]) {
                if (then !== state || !listeners.get(key)?.has(entry))
                    continue;
                heard = true;
                try {
                    entry[0](...args);
                }
                catch (error) {
                    report("handler", String(error), error);
                }
            }
        }
        return heard;
    };
    // Sending: what waits, in order and bounded; the pace at which it goes; the calls that were sent.
    let queue = [];
    /** Calls that were sent and not answered, by id, in the order in which they were first sent. */
    const sent = new Map();
    let lastId = CONNECT_ID;
    let flushTimer;
    /** When the next message would go if all went at the server's rate. It may lag by a burst. */
    let due = 0;
    /** A command as text, `cmd` first. Fields without a value are not written. */
    const encode = (cmd, channel, param, id, timeout) => JSON.stringify({ cmd, channel, param, id, timeout }, descriptor.replacer);
    const trace = (arrow, data) => {
        // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
        if (options.debug)
            console.debug(arrow, data);
    };
    const write = (text) => {
        trace("->", text);
        ws?.send(text);
    };
    const flush = () => {
        clearTimeout(flushTimer);
        queue = queue.filter(({ until = Infinity }) => until >= now());
        while (is("open") && queue[0]) {
            const interval = 1_000 / numberOf(limits.rate, UNLIMITED);
            // A clock that was set back holds nothing up.
            due = Math.min(due, now() + interval);
            // What the WebSocket itself holds back is looked at again after a while.
            const wait = ws.bufferedAmount > MOST_BYTES ? 50 : due - now();
            if (wait > 0) {
                flushTimer = setTimeout(flush, wait);
                return;
            }
            const message = queue.shift();
            // What goes out evenly may arrive bunched: a fifth of the burst stays in hand for that.
            const lag = numberOf(limits.burst, UNLIMITED) * 0.8 * interval;
            due = Math.max(due, now() + interval - lag) + interval;
            if (message.end)
                sent.set(message.id, message);
            write(message.text);
        }
    };
    /** It leaves the queue and its caller is told. An answer that still comes is no surprise. */
    const finish = (message, outcome) => {
        sent.delete(message.id);
        queue = queue.filter((other) => other !== message);
        message.end?.(outcome);
    };
    /** Sends it, or has it wait. `volatile`: or drops it. */
    const put = (message, volatile) => {
        // Without a key it replaces nothing: no two of these are the same.
        const { text, key = {} } = message;
        message.size = new TextEncoder().encode(text).length;
        const refuse = (code, data) => {
            finish(message, new SocketError({ code, data }));
            return "dropped";
        };
        if (is("closed"))
            return refuse("disconnected");
        if (message.size > limits.message)
            return refuse("too-large", { limit: limits.message });
        queue.push(message);
        flush();
        // It stands last: it is gone once the queue is empty.
        if (!queue[0])
            return "sent";
        if (volatile ||
            queue.length > MOST_WAITING ||
            queue.reduce((sum, other) => sum + other.size, 0) > MOST_BYTES)
            return refuse("queue-full");
        queue = queue.filter((other) => other === message || other.key !== key);
        return "queued";
    };
    /** Sends a command of the protocol's own. Without an `end` nobody waits for its answer. */
    const ask = (cmd, channel, param, end) => {
        const id = ++lastId;
        put({ text: encode(cmd, channel, param, id), id, end });
    };
    const send = ({ cmd, channel, param }, { key, ttl = Infinity, volatile } = {}) => put({
        text: encode(cmd, channel, param),
        until: now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
    }, volatile);
    const call = ({ cmd, channel, param }, { timeout = options.callTimeout ?? 10_000, signal, item } = {}) => promiseOf((settle) => {
        const ms = Math.min(timeout, UNLIMITED) | 0;
        const id = ++lastId;
        const message = {
            cmd,
            id,
            item,
            text: encode(cmd, channel, param, id, ms),
            until: now() + ms,
            end(outcome) {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
                settle(outcome);
            },
        };
        const end = (code, cause) => {
            if (sent.has(id))
                put({ text: encode(":cancel", undefined, { id }) });
            finish(message, new SocketError({ code, cause }));
        };
        const abort = () => end("aborted", signal?.reason);
        const timer = setTimeout(end, ms, "timeout");
        signal?.addEventListener("abort", abort);
        if (signal?.aborted)
            abort();
        else
            put(message);
    });
    const tryCall = (message, options) => call(message, options).then((value) => ({ ok: true, value }), (error) => ({ ok: false, error }));
    // Channels: those that this client wants to be in, and what the server says of them.
    const members = new Map();
    /** Those of the `:connect` of this connection. */
    let named;
    const get = (channel) => {
        const member = members.get(channel) ?? { rooms: new Set() };
        members.set(channel, member);
        return member;
    };
    // Nobody joins these.
    descriptor.keeps?.map(get);
    const missed = (channel, reason) => {
        if (!tell([`:gap ${channel}`, ":onGap"], { channel, reason }) && reason === "gap")
            report("channel", `${channel}: ${reason}`);
    };
    const joined = (channel, said) => {
        const member = get(channel);
        const result = Object(said);
        const { recovery } = result;
        const hasMissed = member.result === null && recovery !== "complete";
        stand?.(member, result, hasMissed);
        member.result = result;
        tell([`:joined ${channel}`], result);
        if (hasMissed)
            missed(channel, recovery === "gap" ? recovery : "no-history");
    };
    const closed = (channel, error) => {
        if (members.delete(channel) && !tell([`:joined ${channel}`, `:closed ${channel}`], error))
            report("channel", `${channel}: ${error.message}`, error);
    };
    const channel = (name) => {
        const room = {
            name,
            join: () => promiseOf((end) => {
                const known = members.get(name);
                const member = get(name);
                member.rooms.add(room);
                if (member.result)
                    return end(member.result);
                const off = on(`:joined ${name}`, (outcome) => {
                    off();
                    end(outcome);
                });
                // Else `:connect` names it, or did.
                if (!known && named)
                    ask(":join", name, undefined, (outcome) => {
                        // It may have been left meanwhile.
                        if (!member.rooms.size && members.get(name) !== member)
                            return;
                        members.set(name, member);
                        // Behind a `:closed` this is the server's last word.
                        if (!(outcome instanceof SocketError))
                            joined(name, outcome);
                        else if (outcome.code !== "disconnected")
                            closed(name, outcome);
                    });
            }),
            leave() {
                members.get(name)?.rooms.delete(room);
                // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
                // a component down and put it up again, and the server need not hear of it.
                setTimeout(() => {
                    if (members.get(name)?.rooms.size !== 0)
                        return;
                    members.delete(name);
                    tell([`:joined ${name}`], new SocketError({ code: "aborted" }));
                    if (named)
                        ask(":leave", name);
                });
            },
            // No channel's name holds a space, so the key is its own.
            on: (event, handler) => onEvent(`${event} ${name}`, handler),
            onClosed: (handler) => on(`:closed ${name}`, handler),
            onGap: (handler) => on(`:gap ${name}`, handler),
            send: (cmd, param, options) => send({ cmd, channel: name, param }, options),
            call: (cmd, param, options) => call({ cmd, channel: name, param }, options),
            tryCall: (cmd, param, options) => tryCall({ cmd, channel: name, param }, options),
        };
        return room;
    };
    // Connecting: when there is a connection, when the next one, and when none any more. Each is one
    // WebSocket; once it is given up nothing of it is heard, whatever it still does.
    let ws;
    /** What the last welcome said. Its `session` is in memory only: storage would be shared by a duplicated tab. */
    let server = {};
    let limits = {};
    /** For the next look at what is due. */
    let timer;
    /** When this state is given up, by the wall clock: a page that slept finds it passed. */
    let deadline;
    /** ms from each frame to the deadline. */
    let silence;
    /** When the server wants us elsewhere, and when the token is asked for anew. */
    let drainAt;
    let renewAt;
    let openedAt;
    let attempt = 0;
    let refusals = 0;
    /** One lazy timer: frames only move the deadline, and it is looked at when the timer is due. */
    const watch = () => {
        clearTimeout(timer);
        // A clock that was set back must not make a dead connection live longer.
        deadline = Math.min(deadline, now() + silence);
        timer = setTimeout(look, Math.min(deadline, drainAt, renewAt) - now());
    };
    const look = () => {
        if (now() < Math.min(deadline, drainAt)) {
            watch();
            if (now() >= renewAt)
                refresh();
        }
        else if (is("waiting"))
            start();
        else
            lost("timeout");
    };
    /** `ms`: how long until something else must be. A WebSocket takes up to a minute to close: not awaited. */
    const change = (next, ms) => {
        const { cause } = next;
        clearTimeout(timer);
        client.state = state = next;
        const isClosed = is("closed");
        silence = ms;
        deadline = now() + ms;
        if (!is("open")) {
            drainAt = renewAt = Infinity;
            named = undefined;
            // `error` keeps its handler: some implementations throw an error that nobody listens to.
            if (ws)
                ws.onopen = ws.onmessage = ws.onclose = null;
            ws?.close(isClosed ? 1_000 : undefined);
            ws = undefined;
            queue = queue.filter(({ until }) => until);
            for (const [channel, member] of members) {
                member.result &&= null;
                if (isClosed)
                    tell([`:joined ${channel}`], new SocketError({ code: "disconnected" }));
            }
        }
        if (isClosed) {
            const unsent = queue.filter((message) => !message.end).length;
            for (const message of [...sent.values(), ...queue])
                finish(message, new SocketError({ code: "disconnected", sent: sent.has(message.id) }));
            if (unsent)
                report("queue", `${unsent} not sent`);
        }
        else
            watch();
        flush();
        tell([":state", is("open") ? ":onOpen" : ""], next);
        // The state says it too: the console need not.
        if (cause && cause.kind !== "user" && options.onError)
            report("connection", cause.message);
    };
    /** Stays away until `connect`. */
    const close = (cause) => {
        if (is("closed"))
            return;
        server = {};
        attempt = refusals = 0;
        listen("removeEventListener", wake);
        change({ status: "closed", cause }, 0);
    };
    /** The connection is lost: comes back after a while, if coming back can help. */
    const lost = (message, closeCode = 0, upgrade) => {
        if (closeCode === 4401)
            refusals++;
        const kind = refusals > 1
            ? "unauthorized"
            : closeCode === 4526
                ? "upgrade-required"
                : closeCode >= 4500
                    ? "refused"
                    : "lost";
        const cause = { kind, message, closeCode, upgrade: upgrade };
        if (kind !== "lost")
            return close(cause);
        // After 5 s that it lasted the next delay is a first one again.
        if (is("open") && now() - openedAt >= 5_000)
            attempt = 0;
        let delay = random() * Math.min(2e4, numberOf(server["spread"], 2_000) * 2 ** attempt++);
        // Closed for too many messages.
        if (closeCode === 4429)
            delay += 3_000;
        if (drainAt < Infinity)
            delay = drainAt - now();
        // Without a sign of life: nobody sent it away, so it need not wait.
        else if (is("open") && !closeCode)
            delay = 0;
        change({ status: "waiting", attempt, retryAt: now() + delay, cause }, delay);
    };
    /** A token, where there is a provider. Without one to be had this is over. */
    const tokenFor = async (mine, expired) => {
        const token = await provider?.({ expired });
        if (state === mine && provider && token == null)
            close({ kind: "unauthorized", message: "no token" });
        return token;
    };
    const start = async () => {
        const mine = { status: "connecting", attempt };
        let address;
        let token;
        listen("addEventListener", wake);
        change(mine, numberOf(options.connectTimeout, 10_000));
        try {
            address = await (typeof url === "function" ? url() : url);
            token = await tokenFor(mine, refusals > 0);
        }
        catch (error) {
            // A provider that rejects is a break like any other.
            if (state === mine)
                lost(`${error}`);
        }
        if (state !== mine)
            return;
        try {
            // Not every place has a location: a server renders without one, and takes absolute addresses only.
            const { href } = new URL(address, globalThis.location);
            dialled(new (options.WebSocket ?? WebSocket)(href.replace(/^http/, "ws"), "socket.v1"), token);
        }
        catch (error) {
            close({ kind: "unusable", message: `${error}` });
        }
    };
    const dialled = (socket, token) => {
        ws = socket;
        socket.onopen = () => {
            named = new Map(members);
            const param = {
                token,
                session: server["session"],
                protocol: descriptor.id,
                channels: Object.fromEntries([...named].map(([name, { since }]) => [name, { since }])),
            };
            sent.set(CONNECT_ID, { id: CONNECT_ID, end: welcome });
            write(encode(":connect", undefined, param, CONNECT_ID));
        };
        socket.onmessage = ({ data }) => {
            trace("<-", data);
            if (is("open"))
                deadline = now() + silence;
            let messages = [data];
            try {
                messages = [JSON.parse(data)].flat();
            }
            catch { }
            for (const message of messages)
                if (ws === socket)
                    hear(message);
        };
        socket.onclose = ({ code, reason }) => lost(reason || "closed", code);
        // Never fatal by itself: a close follows, and tells more.
        socket.onerror = () => { };
    };
    /** The page woke up. What the user closed stays closed. */
    const wake = () => {
        if (globalThis.document?.hidden)
            return;
        // The network may be back. A server that closed by itself had its reason: its delay holds.
        if (is("waiting") && [0, 1006].includes(state.cause.closeCode))
            start();
        else {
            // 2.5 s for a sign of life after the page woke up. Several events tell of one awakening, and
            // one question is enough.
            if (is("open") && deadline > now() + 2_500) {
                write(encode(":ping"));
                deadline = now() + 2_500;
            }
            watch();
        }
    };
    /** Asks for a new token and hands it in, on the connection that is open. */
    const refresh = async () => {
        const mine = state;
        renewAt = Infinity;
        try {
            const token = await tokenFor(mine, true);
            if (!provider || state !== mine)
                return;
            const answer = await promiseOf((end) => ask(":refresh", undefined, { token }, end));
            const { expires } = Object(answer);
            if (state !== mine)
                return;
            renewAt = now() + numberOf(expires, Infinity) * 0.8;
            watch();
        }
        catch (error) {
            // The old token may still be good. Once it is not, the server closes with 4401.
            if (state === mine)
                report("connection", `no token: ${error}`, error);
        }
    };
    /** The answer to `:connect`. */
    const welcome = (answer) => {
        if (answer instanceof SocketError) {
            // The close that follows says what it means.
            if (ws)
                ws.onclose = ({ code }) => lost(answer.message, code, answer.data);
            return;
        }
        const { connection, user, ping, timeout, expires, resumed, channels } = Object(answer);
        if (typeof connection !== "string")
            return report("message", "unknown message", answer);
        server = answer;
        limits = Object(server["limits"]);
        refusals = 0;
        openedAt = now();
        for (const one of sent.values()) {
            const { cmd = "" } = one;
            // The protocol's own that programs may call only ask.
            if (one.item ||
                !(cmd[0] === ":" || descriptor.idempotent.includes(cmd) || (resumed && one.until)))
                finish(one, new SocketError({ code: "disconnected", sent: true }));
        }
        // Some may wait to be sent again since the last time.
        queue = [...new Set([...sent.values(), ...queue])];
        if (!resumed)
            due = 0;
        if (provider)
            renewAt = now() + numberOf(expires, Infinity) * 0.8;
        const mine = { status: "open", id: connection, user: user };
        change(mine, numberOf(ping, 25_000) + numberOf(timeout, 10_000));
        for (const [channel, result] of Object.entries(Object(channels))) {
            const { error } = Object(result);
            // A handler may have disconnected.
            if (state !== mine)
                return;
            if (error)
                closed(channel, errorOf(error));
            // Else it was left while `:connect` was on its way.
            else if (members.has(channel) || !named.has(channel))
                joined(channel, result);
        }
    };
    const hear = (said) => {
        const message = Object(descriptor.revive?.(said, sent) ?? said);
        const { re, error, item, cmd, channel = "", param = {} } = message;
        if (typeof cmd !== "string" || typeof channel !== "string") {
            const asked = sent.get(re);
            if (asked && item !== undefined)
                asked.item?.(item);
            else if (asked)
                finish(asked, error ? errorOf(error) : param);
            else if (!(re > CONNECT_ID && re <= lastId))
                report("message", error?.message ?? "unknown message", message);
        }
        else if (cmd === ":ping")
            write(encode(":pong"));
        else if (cmd === ":error")
            report("server", errorOf(param).message, errorOf(param));
        else if (cmd === ":refresh")
            refresh();
        else if (cmd === ":joined")
            joined(channel, param);
        else if (cmd === ":closed")
            closed(channel, errorOf(param?.reason));
        else if (cmd === ":gap") {
            const member = members.get(channel);
            if (!member)
                return;
            stand?.(member, param, true);
            missed(channel, "gap");
        }
        else if (cmd === ":drain") {
            const [min, max] = [param?.after].flat();
            const from = numberOf(min, 0);
            drainAt = now() + from + random() * (numberOf(max, from) - from);
            watch();
        }
        else if (cmd === "close-connection")
            close({ kind: "asked", message: cmd });
        else if (cmd !== ":pong") {
            const then = state;
            if (isNext?.(members.get(channel), message, () => missed(channel, "gap")) === false ||
                state !== then)
                return;
            message.param = param;
            const isKnown = descriptor.events.includes(cmd);
            // These the protocol itself tells, beside the events of each definition.
            if (isKnown || /^(online|presence)-update$/.test(cmd))
                tell([cmd, `${cmd} ${channel}`, isKnown ? ":onMessage" : ""], message);
            else if (!tell([":onUnknown"], message))
                report("message", "unknown message", message);
        }
    };
    for (const [name, handler] of Object.entries(options))
        if (handler)
            on(`:${name}`, handler);
    const connect = () => {
        if (!is("open") && !is("connecting"))
            start();
    };
    const all = {
        state,
        subscribe(listener) {
            const off = on(":state", listener);
            // At once, as the stores of Svelte do: who listens need not read `state` first.
            listener(state);
            return off;
        },
        connect,
        disconnect: () => close({ kind: "user", message: "disconnected" }),
        send,
        call,
        tryCall,
        on: onEvent,
        channel,
    };
    Object.assign(client, all);
    if (options.connect !== false)
        connect();
}
// -------------------------------------------------------------------------------------------------
// Define: the one way from an emitted file into this one.
/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define(descriptor) {
    class Socket {
        constructor(debug, onOpen, onMessage, onError, url) {
            const options = typeof debug === "object" ? debug : { debug, onOpen, onMessage, onError, url };
            createClient(this, descriptor, options);
        }
    }
    // The client knows no types: from here on the protocol's own stand for it.
    return Socket;
}
/** The events that a channel keeps, the newest page first: pass the first `at` of one as `before`. */
export function history(channel, { limit = 100, before, ...options } = {}) {
    const page = channel.call(":history", { limit, before }, options);
    return page;
}
/** Who is in a channel that this connection is in, page by page. */
export function presence(channel, { limit, after, ...options } = {}) {
    return channel.call(":members", { limit, after }, options);
}
// -------------------------------------------------------------------------------------------------
// Unread: what waits to be read by a `for await`, bounded. Paid for by those who import an iterator.
/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;
/** `stop` is called once, when nothing is wanted any more: at the end, or when the loop is left. */
function createUnread(stop, max = UNREAD) {
    const items = [];
    const waiting = [];
    let error;
    let last;
    let ended = false;
    const end = (why, value) => {
        if (ended)
            return;
        ended = true;
        error = why;
        last = value;
        stop();
        wake();
    };
    const wake = () => {
        for (const go of waiting.splice(0))
            go();
    };
    return {
        push(item) {
            if (ended)
                return;
            if (items.length >= max)
                end(new SocketError({ code: "too-many", data: { limit: max } }));
            else
                items.push(item);
            wake();
        },
        end,
        iterator: {
            async next() {
                while (items.length === 0 && !ended) {
                    await new Promise((resolve) => waiting.push(resolve));
                }
                if (items.length > 0)
                    return { done: false, value: items.shift() };
                // Told once.
                const failed = error;
                const value = last;
                error = last = undefined;
                if (failed)
                    throw failed;
                return { done: true, value };
            },
            return() {
                items.length = 0;
                end();
                return Promise.resolve({ done: true, value: undefined });
            },
            [Symbol.asyncIterator]() {
                return this;
            },
        },
    };
}
/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages(socket, { channel, signal, max } = {}) {
    const client = socket;
    const finish = () => unread.end();
    const offs = [
        client.on(":onMessage", (_, message) => {
            if (channel === undefined || message.channel === channel) {
                unread.push(message);
            }
        }),
        client.on(":state", (_, state) => state.status === "closed" && finish()),
        () => signal?.removeEventListener("abort", finish),
    ];
    const unread = createUnread(() => {
        for (const off of offs)
            off();
    }, max);
    signal?.addEventListener("abort", finish);
    if (signal?.aborted || client.state.status === "closed")
        finish();
    return unread.iterator;
}
/**
 * The state of an open connection, at once where there is one, else as soon as there is. Rejects with
 * `disconnected` where the socket is closed for good, or comes to be (the `cause` is the state's), and with
 * `aborted` when `signal` says so. It connects nothing by itself, and `send` and `call` need not wait for it.
 */
export async function ready(socket, { signal } = {}) {
    const offs = [];
    try {
        return await promiseOf((end) => {
            const abort = () => end(new SocketError({ code: "aborted", cause: signal?.reason }));
            const listen = (state) => {
                const { status } = state;
                if (status === "open")
                    end(state);
                if (status === "closed")
                    end(new SocketError({
                        code: "disconnected",
                        message: state.cause.message,
                        cause: state.cause,
                    }));
            };
            signal?.addEventListener("abort", abort);
            offs.push(() => signal?.removeEventListener("abort", abort), socket.subscribe(listen));
            if (signal?.aborted)
                abort();
        });
    }
    finally {
        for (const off of offs)
            off();
    }
}
/**
 * What a protocol takes as its `revive`: `part` gets each part that a definition declares, and gives it as the
 * program sees it. An event goes by its own name; a reply, an item and an error by their command's. What it
 * throws is the error that a call ends with, and for an event what `onError` is told instead.
 */
export function reviving(part) {
    return (said, calls) => {
        const message = Object(said);
        const { re, cmd, error, item } = message;
        const name = cmd ?? calls.get(re)?.cmd;
        if (typeof name !== "string")
            return said;
        let what = "reply";
        if (cmd !== undefined)
            what = "event";
        else if (error)
            what = "error";
        else if (item !== undefined)
            what = "item";
        const place = what === "error" || what === "item" ? what : "param";
        const { [place]: value = {} } = message;
        try {
            message[place] = part(what, name, value);
            return message;
        }
        catch (cause) {
            const told = `${what} ${name}: ${cause instanceof Error ? cause.message : cause}`;
            const broken = new SocketError({ code: "message", message: told, cause });
            return what === "item" ? { re, item: broken } : { re, error: broken };
        }
    };
}
/**
 * Sends a command that streams, and gives its items as they come. Leaving the loop, or `signal`, tells
 * the server to stop. It ends with the server's reply, which `next` gives as its last value; it throws
 * what a call rejects with, `disconnected` where the connection broke in its middle. `timeout` is for
 * the whole of it. Default: 11 days.
 */
export function stream(socket, command, { signal, max, timeout = Number.POSITIVE_INFINITY } = {}) {
    const stop = new AbortController();
    const abort = () => stop.abort(signal?.reason);
    const unread = createUnread(() => {
        signal?.removeEventListener("abort", abort);
        // After the server's end there is nothing to stop, and this does nothing.
        stop.abort();
    }, max);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted)
        abort();
    socket
        .call(command, {
        timeout,
        signal: stop.signal,
        item: (item) => item instanceof SocketError ? unread.end(item) : unread.push(item),
    })
        .then((reply) => unread.end(undefined, reply), (error) => unread.end(error));
    return unread.iterator;
}
