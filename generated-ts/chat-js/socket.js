// Made by socket-codegen 0.1.0.
// @ts-self-types="./socket.d.ts"
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Recovery
//   Types
//   Wire
//   State
//   Errors
//   Emitter
//   Options
//   Channels
//   Backoff
//   Wake
//   Lifecycle
//   Outbox
//   Client
//   Socket
//   Define
//   History
//   Unread
//   Messages
//   Ready
//   Stream
/** What emitted files hand to `define` where their protocol keeps history. */
export const recovery = [
    (value) => {
        const { epoch, at } = fieldsOf(value);
        return typeof at === "number" ? { epoch, at } : undefined;
    },
    (member, { at, prev }, missed) => {
        const { since } = member;
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
// -------------------------------------------------------------------------------------------------
// Wire: what a frame holds, and how values from outside are read without trusting their types.
/** The subprotocol that stands for the full mode of this protocol, version 1. */
const SUBPROTOCOL = "socket.v1";
/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;
/** The fields of what may be no object: then there are none that anybody asks for. */
function fieldsOf(value) {
    return Object(value);
}
function numberOf(value, otherwise) {
    return typeof value === "number" && value >= 0 ? value : otherwise;
}
/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(cmd, channel, param, replacer, id) {
    return JSON.stringify({ cmd, channel, param, id }, replacer);
}
/** UTF-8 bytes, which is what the limits count. */
function byteLength(text) {
    return new TextEncoder().encode(text).length;
}
/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
    constructor(code, message = code, more = {}) {
        super(message, more);
        Object.assign(this, { name: "SocketError", code, sent: false }, more);
    }
}
/** What the server sent as an error. */
function errorOf(error) {
    const { code = "internal", message, data } = fieldsOf(error);
    return new SocketError(String(code), message, { data });
}
/** What a call ends with when its connection did. `sent`: the server may have got it. */
function lostCall(sent) {
    return new SocketError("disconnected", "disconnected", { sent });
}
/** A promise of something that ends. */
function promiseOf(start) {
    return new Promise((resolve, reject) => start((outcome) => (outcome instanceof SocketError ? reject : resolve)(outcome)));
}
/** `now` gives what handlers are told about; `threw` is told what one throws. */
function createEmitter(now, threw) {
    const all = new Map();
    // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
    const { dispose = "" } = Symbol;
    return [
        (key, handler) => {
            const entries = all.get(key) ?? new Set();
            // Its own object, so that the same function given twice is two handlers with two ends.
            const entry = { handler };
            all.set(key, entries.add(entry));
            const off = () => {
                if (entries.delete(entry) && !entries.size)
                    all.delete(key);
            };
            return Object.assign(off, { [dispose]: off });
        },
        (keys, ...args) => {
            const then = now();
            let heard = false;
            for (const key of keys) {
                const entries = all.get(key);
                for (const entry of [...(entries ?? [])]) {
                    if (then !== now() || !entries?.has(entry))
                        continue;
                    heard = true;
                    try {
                        entry.handler(...args);
                    }
                    catch (error) {
                        threw(error);
                    }
                }
            }
            return heard;
        },
    ];
}
// -------------------------------------------------------------------------------------------------
// Options: what the user may set, each with its unit, its default and its meaning.
/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;
/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER = 2 ** 31 - 1;
/** A timer that takes any number of ms, and is never early: what is due is due when it runs. */
function later(run, ms) {
    return setTimeout(run, Math.min(Math.ceil(ms), MAX_TIMER));
}
/** The absolute WebSocket address of what `url` gives. Throws where it gives none. */
function addressOf(url) {
    // Not every place has a location: a server renders without one, and takes absolute addresses only.
    const { location } = globalThis;
    return new URL(url, location?.href).href.replace(/^http/, "ws");
}
/** What the option `onError` is where none is given. */
function shout(source, message, error) {
    // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
    if (source !== "connection")
        console.error(`socket: ${source}: ${message}`, error);
}
/** `everywhere`: the channels that nobody joins. */
function createChannels(everywhere, recovery, isOpen, ask, on, tell, report) {
    const [positionOf, isNext] = recovery ?? [];
    const all = new Map();
    /** What the last `:connect` named. */
    let named = {};
    const get = (channel) => {
        const member = all.get(channel) ?? { holders: new Set() };
        all.set(channel, member);
        return member;
    };
    /** Ends what waits for a join. `false`: nothing did. */
    const settle = (channel, outcome) => tell([`:joined ${channel}`], outcome);
    const missed = (channel, reason) => {
        const gap = { channel, reason };
        if (tell([`:gap ${channel}`, ":gap"], gap) || reason !== "gap")
            return;
        report("channel", `${channel}: events were lost`);
    };
    const askToJoin = (channel, member) => {
        const { since } = member;
        ask(":join", channel, since && { since }, (outcome) => {
            const now = all.get(channel);
            // It may have been left meanwhile. After a break the next `:connect` asks again.
            if (now ? now !== member : !member.holders.size)
                return;
            all.set(channel, member);
            // Behind a `:closed` this is the server's last word.
            if (!(outcome instanceof SocketError))
                joined(channel, outcome);
            else if (outcome.code !== "disconnected")
                closed(channel, outcome);
        });
    };
    /** Leaving what one is not in is a success too: no answer to it matters. */
    const askToLeave = (channel) => ask(":leave", channel, undefined, () => { });
    const joined = (channel, value) => {
        const member = get(channel);
        const result = fieldsOf(value);
        const { recovery } = result;
        const hasMissed = member.result === null && recovery !== "complete";
        // What follows a complete recovery goes on from the last event that was heard.
        if (!member.since || hasMissed)
            member.since = positionOf?.(value);
        member.result = result;
        settle(channel, result);
        if (hasMissed)
            missed(channel, recovery === "gap" ? recovery : "no-history");
    };
    const closed = (channel, error) => {
        if (!all.delete(channel))
            return;
        const isAwaited = settle(channel, error);
        if (tell([`:closed ${channel}`], error) || isAwaited)
            return;
        report("channel", `${channel}: ${error.message}`, error);
    };
    for (const channel of everywhere)
        get(channel);
    return [
        (channel, holder) => promiseOf((end) => {
            const isNew = !all.has(channel);
            const member = get(channel);
            const { holders, result } = member;
            holders.add(holder);
            if (result)
                return end(result);
            const off = on(`:joined ${channel}`, (outcome) => {
                off();
                end(outcome);
            });
            if (isNew && isOpen())
                askToJoin(channel, member);
        }),
        (channel, holder) => {
            const member = all.get(channel);
            member?.holders.delete(holder);
            // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
            // a component down and put it up again, and the server need not hear of it.
            setTimeout(() => {
                if (!member || member.holders.size || all.get(channel) !== member)
                    return;
                all.delete(channel);
                settle(channel, new SocketError("aborted"));
                if (isOpen())
                    askToLeave(channel);
            });
        },
        () => {
            named = Object.fromEntries([...all].map(([channel, { since }]) => [channel, { since }]));
            return named;
        },
        (answer) => {
            // Everybody is in those that begin with a colon, and nobody joins them.
            for (const [channel, member] of all)
                if (channel[0] !== ":" && !Object.hasOwn(answer, channel))
                    askToJoin(channel, member);
        },
        (answer) => {
            for (const [channel, result] of Object.entries(answer)) {
                const { error } = fieldsOf(result);
                // A handler may have disconnected.
                if (!isOpen())
                    return;
                if (error)
                    closed(channel, errorOf(error));
                // It was left while `:connect` was on its way.
                else if (Object.hasOwn(named, channel) && !all.has(channel))
                    askToLeave(channel);
                else
                    joined(channel, result);
            }
        },
        (isClosed) => {
            for (const [channel, member] of all) {
                member.result &&= null;
                if (isClosed)
                    settle(channel, lostCall(false));
            }
        },
        joined,
        closed,
        (channel, position) => {
            const member = all.get(channel);
            if (!member)
                return;
            member.since = positionOf?.(position);
            missed(channel, "gap");
        },
        (channel, event) => {
            const member = all.get(channel);
            return !member || !isNext || isNext(member, event, () => missed(channel, "gap"));
        },
    ];
}
// -------------------------------------------------------------------------------------------------
// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.
/**
 * ms until the next attempt. Full jitter from the first one on: any moment below the bound, which doubles
 * with each attempt and never exceeds 20 s.
 */
function delayOf(random, spread, attempt) {
    return random() * Math.min(20_000, spread * 2 ** attempt);
}
/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
function endOf(closeCode = 0) {
    if (closeCode === 4526)
        return "upgrade-required";
    return closeCode >= 4500 ? "refused" : undefined;
}
const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];
/** Calls `wake` at each of them, until aborted. A page that goes away is not one that wakes up. */
function onWake(wake) {
    const host = globalThis;
    const page = host.document;
    const stop = new AbortController();
    const look = () => {
        if (page?.visibilityState !== "hidden")
            wake();
    };
    for (const place of [host, page])
        for (const moment of MOMENTS)
            place?.addEventListener?.(moment, look, stop);
    return stop;
}
/**
 * `hello` gives what `:connect` says beside the token and the session. `changed` is told each state first,
 * before anybody else, and with `open` the WebSocket and what the server said. `hear` is told each message.
 */
function createLifecycle(options, now, hello, changed, hear, ask, report) {
    const { url, token: provider, connectTimeout = 10_000, random = Math.random } = options;
    let state = { status: "idle" };
    let ws;
    /** When it is given up, by the wall clock: a page that slept finds it passed. */
    let deadline = 0;
    /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
    let silence = 0;
    /** When `:drain` wants us elsewhere; 0 for not at all. */
    let drainAt = 0;
    /** For the next look at both, or for the next attempt. */
    let timer;
    let renewal;
    /** Listens to the page for its wake-up. */
    let wakes;
    let attempt = 0;
    let refusals = 0;
    let openedAt = 0;
    /** ms; the first delay is anywhere below it. The server may name another. */
    let spread = 2_000;
    /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
    let session;
    const change = (next, welcome) => {
        state = Object.freeze(next);
        changed(state, ws, welcome);
    };
    const trace = (arrow, data) => {
        // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
        if (options.debug)
            console.debug(arrow, data);
    };
    const send = (text) => {
        trace("->", text);
        ws?.send(text);
    };
    /** Gives the connection up. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
    const hangUp = (closeCode) => {
        clearTimeout(timer);
        clearTimeout(renewal);
        if (!ws)
            return;
        // `error` keeps its handler: some implementations throw an error that nobody listens to.
        ws.onopen = ws.onmessage = ws.onclose = null;
        ws.close(closeCode);
        ws = undefined;
    };
    const close = (kind, message, closeCode, upgrade) => {
        if (state.status === "closed")
            return;
        session = undefined;
        wakes?.abort();
        wakes = undefined;
        hangUp(1000);
        const cause = { kind, message, closeCode, upgrade: upgrade };
        change({ status: "closed", cause });
        if (kind !== "user")
            report("connection", message);
    };
    /** The connection is lost: comes back after a while, if coming back can help. */
    const lost = (message, closeCode, upgrade) => {
        if (closeCode === 4401)
            refusals++;
        const end = refusals > 1 ? "unauthorized" : endOf(closeCode);
        if (end)
            return close(end, message, closeCode, upgrade);
        // After 5 s that it lasted the next delay is a first one again.
        if (silence && now() - openedAt >= 5_000)
            attempt = 0;
        let delay = delayOf(random, spread, attempt++);
        // Closed for too many messages.
        if (closeCode === 4429)
            delay = Math.max(delay, 3_000);
        // An open connection without a sign of life: nobody sent it away, so it need not wait.
        if (silence && !closeCode)
            delay = 0;
        if (drainAt)
            delay = Math.max(0, drainAt - now());
        hangUp();
        timer = later(start, delay);
        change({
            status: "waiting",
            attempt,
            retryAt: now() + delay,
            cause: { kind: "lost", message, closeCode },
        });
        report("connection", message);
    };
    /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
    const watch = () => {
        clearTimeout(timer);
        // A clock that was set back must not make a dead connection live longer.
        deadline = Math.min(deadline, now() + (silence || connectTimeout));
        const left = Math.min(deadline, drainAt || deadline) - now();
        if (left > 0)
            timer = later(watch, left);
        else if (drainAt)
            lost("draining");
        else
            lost(silence ? "no sign of life" : "connecting timed out");
    };
    /** A token, where there is a provider. Without one to be had this is over. */
    const tokenFor = async (mine, expired) => {
        const token = await provider?.({ expired });
        if (state === mine && provider && token == null)
            close("unauthorized", "no token");
        return token;
    };
    const start = async () => {
        const mine = { status: "connecting", attempt };
        let isReady = false;
        hangUp();
        wakes ??= onWake(wake);
        drainAt = silence = 0;
        deadline = now() + connectTimeout;
        watch();
        change(mine);
        try {
            const [address, token] = await Promise.all([
                typeof url === "function" ? url() : url,
                tokenFor(mine, refusals > 0),
            ]);
            if (state !== mine)
                return;
            isReady = true;
            const Class = options.WebSocket ?? globalThis.WebSocket;
            dialled(new Class(addressOf(address), SUBPROTOCOL), token);
        }
        catch (error) {
            if (state !== mine)
                return;
            if (isReady)
                close("unusable", `no usable url or WebSocket: ${error}`);
            // A provider that rejects is a break like any other.
            else
                lost(`no url or token: ${error}`);
        }
    };
    const dialled = (socket, token) => {
        ws = socket;
        socket.onopen = () => {
            const param = { token, session, ...hello() };
            send(encode(":connect", undefined, param, undefined, CONNECT_ID));
        };
        socket.onmessage = ({ data }) => {
            trace("<-", data);
            if (silence)
                deadline = now() + silence;
            let messages = [];
            try {
                messages = [JSON.parse(data)].flat();
            }
            catch { }
            if (!messages.length)
                report("message", `no message: ${String(data).slice(0, 80)}`);
            for (const message of messages)
                if (ws === socket)
                    hear(message);
        };
        socket.onclose = ({ code, reason }) => lost(reason || `closed with ${code}`, code);
        // Never fatal by itself: a close follows, and tells more.
        socket.onerror = () => { };
    };
    /** The page woke up. What the user closed stays closed. */
    const wake = () => {
        if (state.status === "waiting") {
            // The network may be back. A server that closed by itself had its reason: its delay holds.
            const { closeCode = 1006 } = state.cause;
            if (closeCode === 1006 || state.retryAt <= now())
                start();
            return;
        }
        watch();
        // ms for a sign of life after the page woke up.
        const soon = now() + 2_500;
        // Before the welcome there is one deadline. Several events tell of one awakening, and one
        // question is enough.
        if (!silence || deadline <= soon)
            return;
        send(encode(":ping"));
        deadline = soon;
        watch();
    };
    /** Asks for a new token and hands it in, on the connection that is open. */
    const refresh = async () => {
        const mine = state;
        try {
            const token = await tokenFor(mine, true);
            if (!provider || state !== mine)
                return;
            const param = { token };
            const answer = await promiseOf((end) => ask(":refresh", undefined, param, end));
            if (state === mine)
                renewBefore(fieldsOf(answer)["expires"]);
        }
        catch (error) {
            // The old token may still be good. Once it is not, the server closes with 4401.
            if (state === mine)
                report("connection", `no new token: ${error}`, error);
        }
    };
    const renewBefore = (expires) => {
        clearTimeout(renewal);
        if (typeof expires !== "number" || !provider)
            return;
        // 30 s ahead. A short-lived token is renewed at half its life.
        renewal = later(refresh, Math.max(expires - 30_000, expires / 2));
    };
    return [
        () => {
            const { status } = state;
            if (status === "connecting" || status === "open")
                return;
            if (status !== "waiting")
                attempt = refusals = 0;
            start();
        },
        close,
        send,
        (welcome) => {
            const { connection, user, ping, timeout, expires, ...more } = welcome;
            session = more["session"];
            spread = numberOf(more["spread"], spread);
            refusals = 0;
            openedAt = now();
            silence = numberOf(ping, 25_000) + numberOf(timeout, 10_000);
            deadline = openedAt + silence;
            watch();
            renewBefore(expires);
            const who = typeof user === "object" ? user : null;
            change({ status: "open", id: connection, user: who }, welcome);
        },
        ({ code, message, data }) => {
            if (code === "unauthorized")
                lost(message, 4401);
            else if (code === "upgrade-required")
                lost(message, 4526, data);
            else
                lost(message);
        },
        refresh,
        ([min, max]) => {
            const from = numberOf(min, 0);
            drainAt = now() + from + random() * Math.max(0, numberOf(max, spread) - from);
            watch();
        },
    ];
}
/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;
/** Bytes that the id and the timeout add to a call. */
const STAMP = 50;
function createOutbox({ queueMessages = 1_000, queueBytes = 2 ** 20 }, now, write, report) {
    let queue = [];
    /** By id, in the order in which they were first sent. */
    const sent = new Map();
    let lastId = CONNECT_ID;
    /** Calls up to this id may be answered twice: the session is older than the connection. */
    let earlierId = 0;
    let isClosed = false;
    let socket;
    let timer;
    /** Bytes of the largest message that the server takes. */
    let limit = Infinity;
    /** ms from one message to the next at the server's rate, and how many may go at once. */
    let interval = 0;
    let burst = 0;
    /** When the next message would go if all went at that rate. It may lag by a burst. */
    let due = 0;
    const isFresh = ({ until }) => !until || until > now();
    /**
     * ms until the next message may go out. While the WebSocket itself holds back over 1 MiB it counts as not
     * open, and is looked at again after 50 ms.
     */
    const delay = ({ bufferedAmount }) => bufferedAmount > 2 ** 20 ? 50 : Math.max(0, due - now());
    const flush = () => {
        clearTimeout(timer);
        while (socket && queue[0]) {
            const wait = delay(socket);
            if (wait) {
                timer = later(flush, wait);
                return;
            }
            const message = queue[0];
            queue.shift();
            if (!isFresh(message))
                continue;
            due = Math.max(due, now() - (burst - 1) * interval) + interval;
            let { text } = message;
            const { end, until } = message;
            if (end) {
                message.id ||= ++lastId;
                sent.set(message.id, message);
                const timeout = until && Math.ceil(until - now());
                const stamp = JSON.stringify({ id: message.id, timeout });
                text = `${text.slice(0, -1)},${stamp.slice(1)}`;
            }
            write(text);
        }
    };
    const end = (message, outcome) => {
        queue = queue.filter((other) => other !== message);
        message.end?.(outcome);
        message.end = undefined;
    };
    return [
        (message, volatile) => {
            const { text, key, until } = message;
            const refuse = (code, more) => {
                end(message, new SocketError(code, code, more));
                return "dropped";
            };
            if (isClosed)
                return refuse("disconnected");
            const stamp = message.end ? STAMP : 0;
            // A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting.
            if (text.length * 3 + stamp > limit && byteLength(text) + stamp > limit)
                return refuse("too-large", { data: { limit } });
            const isFree = socket && !queue[0] && !delay(socket);
            if (!isFree) {
                const rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
                message.size = byteLength(text);
                const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
                if (volatile || rest.length >= queueMessages || bytes > queueBytes)
                    return refuse("queue-full");
                queue = rest;
            }
            // What the welcome did not answer is asked before what may depend on it goes out.
            if (until || socket)
                queue.push(message);
            else
                queue.unshift(message);
            flush();
            return isFree ? "sent" : "queued";
        },
        end,
        (re, outcome, item) => {
            const call = sent.get(re);
            if (item !== undefined)
                call?.item?.(item);
            else if (call) {
                sent.delete(re);
                end(call, outcome);
            }
            return !!call || (re > CONNECT_ID && re <= earlierId);
        },
        (next, resumed, limits) => {
            for (const call of sent.values()) {
                if (call.end && !call.item && (call.idempotent || (resumed && call.until)))
                    continue;
                sent.delete(call.id);
                end(call, lostCall(true));
            }
            // Some may wait to be sent again since the last time.
            queue = [...new Set([...sent.values(), ...queue])];
            const { message, rate, burst: atOnce } = fieldsOf(limits);
            limit = numberOf(message, Infinity);
            interval = 1000 / (numberOf(rate, UNLIMITED) || UNLIMITED);
            // What goes out evenly may arrive bunched: a part of the burst stays in hand for that.
            burst = numberOf(atOnce, UNLIMITED) * 0.8;
            earlierId = resumed ? lastId : 0;
            if (!resumed)
                due = 0;
            socket = next;
            flush();
        },
        (forGood) => {
            isClosed = forGood;
            socket = undefined;
            queue = queue.filter(({ until }) => until);
            if (!forGood)
                return;
            const unsent = queue.filter((message) => isFresh(message) && !message.end).length;
            for (const message of [...sent.values(), ...queue])
                end(message, lostCall(!!message.id));
            sent.clear();
            if (unsent)
                report("queue", `${unsent} messages were not sent`);
        },
    ];
}
/** What the protocol itself tells programs, beside the events of each definition. */
const BUILTIN = ["online-update", "presence-update"];
/** Makes a client of `client`: the object that programs hold. */
function createClient(client, { name, fingerprint, events, idempotent, keeps = [], recovery, codec }, options) {
    const { now = Date.now, callTimeout = 10_000, onError = shout } = options;
    const known = new Set(events);
    let state = { status: "idle" };
    const report = (source, message, cause) => {
        const code = source === "connection" ? "disconnected" : source;
        const error = cause instanceof SocketError ? cause : new SocketError(code, message, { cause });
        try {
            onError(source, message, error);
        }
        catch (thrown) {
            // Nobody is left to tell but the host, which shows what is thrown outside of everything.
            queueMicrotask(() => {
                throw thrown;
            });
        }
    };
    const [on, tell] = createEmitter(() => state, (error) => report("handler", String(error), error));
    const is = (status) => state.status === status;
    const isOpen = () => is("open");
    /** A command of the protocol's own. */
    const ask = (cmd, channel, param, end) => {
        put({ text: encode(cmd, channel, param), end });
    };
    const changed = (next, ws, welcome) => {
        client.state = state = next;
        if (!ws || !welcome) {
            const isClosed = is("closed");
            ended(isClosed);
            hold(isClosed);
            tell([":state"], next);
            return;
        }
        const { limits, resumed, channels } = fieldsOf(welcome);
        const answers = fieldsOf(channels);
        reconcile(answers);
        open(ws, resumed === true, limits);
        tell([":state", ":open"], next);
        if (state === next)
            admit(answers);
    };
    /** A value as the program sees it, or an error where it is none of its type's. */
    const revive = codec?.revive ?? ((_what, _cmd, value) => value);
    const hear = (message) => {
        const { re, error, item, cmd, channel = "", param = {} } = fieldsOf(message);
        const fields = fieldsOf(param);
        const isWelcome = typeof fields["connection"] === "string";
        if (re === CONNECT_ID && is("connecting") && (error || isWelcome)) {
            if (error)
                refused(errorOf(error));
            else
                welcome(fields);
        }
        else if (typeof cmd !== "string" || typeof channel !== "string") {
            if (!answer(re, error ? errorOf(error) : param, item))
                report("message", `not asked for: ${JSON.stringify(message).slice(0, 80)}`);
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
            closed(channel, errorOf(fields["reason"]));
        else if (cmd === ":gap")
            gap(channel, param);
        else if (cmd === ":drain")
            drain([fields["after"]].flat());
        else if (cmd === "close-connection")
            close("asked", "the server asked for it");
        else if (cmd !== ":pong")
            publish(channel, { ...message, param: revive("event", cmd, param) });
    };
    const publish = (channel, message) => {
        const { cmd, param } = message;
        if (param instanceof SocketError)
            return report("message", param.message, param);
        const isKnown = known.has(cmd);
        const then = state;
        if (!isNews(channel, message) || then !== state)
            return;
        const keys = isKnown || BUILTIN.includes(cmd)
            ? [cmd, `${cmd} ${channel}`, isKnown ? ":message" : ""]
            : [":unknown"];
        if (!tell(keys, param, message) && keys[0] !== cmd)
            report("message", `unknown event: ${cmd}`);
    };
    const send = ({ cmd, channel, param }, { key, ttl = Infinity, volatile } = {}) => put({
        text: encode(cmd, channel, param, codec?.replacer),
        until: now() + ttl,
        // No name holds a space.
        key: key && `${cmd} ${channel} ${key}`,
    }, volatile);
    const call = ({ cmd, channel, param }, { timeout = callTimeout, signal, item } = {}) => promiseOf((settle) => {
        const message = {
            text: encode(cmd, channel, param, codec?.replacer),
            until: now() + Math.min(timeout, MAX_TIMER),
            item: item && ((one) => item(revive("item", cmd, one))),
            // The protocol's own that programs may call only ask.
            idempotent: cmd[0] === ":" || idempotent.includes(cmd),
            end(outcome) {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
                settle(revive(outcome instanceof SocketError ? "error" : "reply", cmd, outcome));
            },
        };
        const abort = () => {
            // The server counts a time-out itself; an abort is news to it.
            if (message.id && isOpen())
                write(encode(":cancel", undefined, { id: message.id }));
            end(message, new SocketError("aborted", undefined, { cause: signal?.reason }));
        };
        const timer = later(() => end(message, new SocketError("timeout")), timeout);
        signal?.addEventListener("abort", abort);
        if (signal?.aborted)
            abort();
        else
            put(message);
    });
    const tryCall = (message, options) => call(message, options).then((value) => ({ ok: true, value }), (error) => {
        if (error instanceof SocketError)
            return { ok: false, error };
        throw error;
    });
    const channel = (name) => {
        const room = {
            name,
            join: () => join(name, room),
            leave: () => leave(name, room),
            // No channel's name holds a space, so the key is its own.
            on: (event, handler) => on(`${event} ${name}`, handler),
            onClosed: (handler) => on(`:closed ${name}`, handler),
            onGap: (handler) => on(`:gap ${name}`, handler),
            send: (cmd, param, options) => send({ cmd, channel: name, param }, options),
            call: (cmd, param, options) => call({ cmd, channel: name, param }, options),
            tryCall: (cmd, param, options) => tryCall({ cmd, channel: name, param }, options),
        };
        return room;
    };
    const [join, leave, request, reconcile, admit, ended, joined, closed, gap, isNews] = createChannels(keeps, recovery, isOpen, ask, on, tell, report);
    const [connect, close, write, welcome, refused, refresh, drain] = createLifecycle(options, now, () => ({ protocol: { name, fingerprint }, channels: request() }), changed, hear, ask, report);
    const [put, end, answer, open, hold] = createOutbox(options, now, write, report);
    const { onOpen, onGap, onMessage, onUnknown } = options;
    if (onOpen)
        on(":open", onOpen);
    if (onGap)
        on(":gap", onGap);
    if (onMessage)
        on(":message", (_, message) => onMessage(message));
    if (onUnknown)
        on(":unknown", (_, message) => onUnknown(message));
    const all = {
        state,
        subscribe(listener) {
            const off = on(":state", listener);
            // At once, as the stores of Svelte do: who listens need not read `state` first.
            listener(state);
            return off;
        },
        connect,
        disconnect: () => close("user", "disconnect()"),
        send,
        call,
        tryCall,
        on,
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
                end(new SocketError("too-many", undefined, { data: { limit: max } }));
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
        client.on(":message", (_, message) => {
            if (channel === undefined || message.channel === channel) {
                unread.push(message);
            }
        }),
        client.on(":state", (state) => state.status === "closed" && finish()),
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
            const abort = () => end(new SocketError("aborted", undefined, { cause: signal?.reason }));
            const listen = (state) => {
                const { status } = state;
                if (status === "open")
                    end(state);
                if (status === "closed")
                    end(new SocketError("disconnected", state.cause.message, { cause: state.cause }));
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
 * Sends a command that streams, and gives its items as they come. Leaving the loop, or `signal`, tells
 * the server to stop. It ends with the server's reply, which `next` gives as its last value; it throws
 * what a call rejects with, `disconnected` where the connection broke in its middle. `timeout` is for
 * the whole of it. Default: 24 days.
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
