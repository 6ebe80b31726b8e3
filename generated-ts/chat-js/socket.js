// Made by socket-codegen 0.1.0.
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Types
//   Wire
//   State
//   Errors
//   Channels
//   Emitter
//   Options
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
//   Stream
// -------------------------------------------------------------------------------------------------
// Wire: what a frame holds, and how values from outside are read without trusting their types.
/** The subprotocol that stands for the full mode of this protocol, version 1. */
const SUBPROTOCOL = "socket.v1";
/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;
/** The fields of what may be no object: then there are none. */
function fieldsOf(value) {
    return ((typeof value === "object" && value) || {});
}
function numberOf(value, otherwise) {
    return typeof value === "number" && value >= 0 ? value : otherwise;
}
/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(cmd, channel, param, codec) {
    return JSON.stringify({ cmd, channel, param }, codec?.replacer);
}
/** Adds fields to a command that is text already: its id is known only when it is sent. */
function withFields(text, fields) {
    return `${text.slice(0, -1)},${JSON.stringify(fields).slice(1)}`;
}
/** UTF-8 bytes, which is what the limits count. */
function byteLength(text) {
    return new TextEncoder().encode(text).length;
}
/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
    constructor(code, message = code, more = {}) {
        super(message, more);
        const { data, sent = false } = more;
        Object.assign(this, { name: "SocketError", code, data, sent });
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
/** `lost`: a channel was lost, or never reached. `awaited`: a promise says so too. */
function createChannels(everywhere, isOpen, ask, lost, missed) {
    const all = new Map();
    /** What the last `:connect` named. */
    let named = {};
    const get = (channel) => {
        const member = all.get(channel) ?? { holders: new Set(), waiters: [] };
        all.set(channel, member);
        return member;
    };
    const tell = ({ waiters }, outcome) => {
        for (const waiter of waiters.splice(0))
            waiter(outcome);
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
    const positionOf = (value) => {
        const { epoch, at } = fieldsOf(value);
        return typeof at === "number" ? { epoch, at } : undefined;
    };
    const joined = (channel, value) => {
        const member = get(channel);
        const result = fieldsOf(value);
        const { recovery } = result;
        const hasMissed = member.wasIn && !member.result && recovery !== "complete";
        // What follows a complete recovery goes on from the last event that was heard.
        if (!member.since || hasMissed)
            member.since = positionOf(value);
        member.wasIn = true;
        member.result = result;
        tell(member, result);
        if (hasMissed)
            missed({ channel, reason: recovery === "gap" ? recovery : "no-history" });
    };
    const closed = (channel, error) => {
        const member = all.get(channel);
        if (!member)
            return;
        all.delete(channel);
        const awaited = member.waiters.length > 0;
        tell(member, error);
        lost(channel, error, awaited);
    };
    for (const channel of everywhere)
        get(channel);
    return {
        join: (channel, holder) => promiseOf((end) => {
            const isNew = !all.has(channel);
            const member = get(channel);
            const { holders, result, waiters } = member;
            holders.add(holder);
            if (result)
                end(result);
            else
                waiters.push(end);
            if (isNew && isOpen())
                askToJoin(channel, member);
        }),
        leave(channel, holder) {
            const member = all.get(channel);
            member?.holders.delete(holder);
            // At the end of the task, so that leaving and joining again at once cancel out: frameworks take
            // a component down and put it up again, and the server need not hear of it.
            setTimeout(() => {
                if (!member || member.holders.size > 0 || all.get(channel) !== member)
                    return;
                all.delete(channel);
                tell(member, new SocketError("aborted"));
                if (isOpen())
                    askToLeave(channel);
            });
        },
        request() {
            named = Object.fromEntries([...all].map(([channel, { since }]) => [channel, { since }]));
            return named;
        },
        broken() {
            for (const member of all.values())
                member.result = undefined;
        },
        reconcile(answer) {
            // Everybody is in those that begin with a colon, and nobody joins them.
            for (const [channel, member] of all)
                if (channel[0] !== ":" && !Object.hasOwn(answer, channel))
                    askToJoin(channel, member);
        },
        welcome(answer) {
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
        joined,
        closed,
        gap(channel, position) {
            const member = all.get(channel);
            if (!member)
                return;
            member.since = positionOf(position);
            missed({ channel, reason: "gap" });
        },
        isNews(channel, { at, prev }) {
            const member = all.get(channel);
            const since = member?.since;
            if (!since || typeof at !== "number")
                return true;
            if (at <= since.at)
                return false;
            member.since = { ...since, at };
            if ((prev ?? at - 1) > since.at)
                missed({ channel, reason: "gap" });
            return true;
        },
        fail() {
            for (const member of all.values())
                tell(member, lostCall(false));
        },
    };
}
/** `threw` is told what a handler throws. */
function createEmitter(threw) {
    const all = new Map();
    // Where the engine knows no such symbol, nobody asks for what stands under the empty name.
    const { dispose = "" } = Symbol;
    return {
        on(key, handler) {
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
        emit(keys, isOver, args) {
            let heard = false;
            for (const key of keys) {
                const entries = all.get(key);
                for (const entry of [...(entries ?? [])]) {
                    if (isOver() || !entries?.has(entry))
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
    };
}
// -------------------------------------------------------------------------------------------------
// Options: what the user may set, and every default, each with its unit and its meaning.
/** ms for token, URL, upgrade, `:connect` and its reply together. Then: lost, and back off. */
const CONNECT_TIMEOUT = 10_000;
/** ms until a call that has no answer ends with `timeout`. */
const CALL_TIMEOUT = 10_000;
/** Messages that wait for the connection at most. Then: "dropped", or `queue-full`. */
const QUEUE_MESSAGES = 1_000;
/** Bytes that wait for the connection at most. Then: as above. */
const QUEUE_BYTES = 1_048_576;
/** Bytes that the WebSocket itself may hold back. Above: new messages wait in our queue. */
const BUFFERED_BYTES = 1_048_576;
/** ms between two looks at a WebSocket that holds back too much. */
const BUFFERED_POLL = 50;
/** ms; the first delay is anywhere below it, and doubles with each attempt. The server may name another. */
const SPREAD = 2_000;
/** ms that no delay exceeds. */
const MAX_DELAY = 20_000;
/** ms that a connection must have lasted for the next delay to be a first one again. */
const STABLE_AFTER = 5_000;
/** ms to wait at least after the server closed for too many messages (4429). */
const RATE_LIMIT_DELAY = 3_000;
/** ms of silence after which the server sends something. The server may name another. */
const PING = 25_000;
/** ms beyond `PING` after which the connection is taken for dead. The server may name another. */
const PING_TIMEOUT = 10_000;
/** ms for a sign of life after the page woke up. */
const WAKE_TIMEOUT = 2_500;
/** ms before the token runs out at which a new one is asked for. */
const REFRESH_AHEAD = 30_000;
/** Items that wait to be read by a `for await` at most. Then it ends with `too-many`. */
const UNREAD = 1_000;
/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER = 2 ** 31 - 1;
/** A timer that takes any number of ms. */
function later(run, ms) {
    return setTimeout(run, Math.min(ms, MAX_TIMER));
}
/** The absolute WebSocket address of what `url` gives. Throws where it gives none. */
function addressOf(url) {
    // Not every place has a location: a server renders without one, and takes absolute addresses only.
    const address = new URL(url, globalThis.location?.href);
    address.protocol = address.protocol.replace("http", "ws");
    return address.href;
}
/** What the option `onError` is where none is given. */
function shout(source, message, error) {
    // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
    if (source !== "connection")
        console.error(`socket: ${source}: ${message}`, error);
}
// -------------------------------------------------------------------------------------------------
// Backoff: how long to stay away, so that ten thousand clients do not come back at the same moment.
/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
function delayOf(random, spread, attempt) {
    return random() * Math.min(MAX_DELAY, spread * 2 ** attempt);
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
 * `hello` gives the first frame. `changed` is told each state first, before anybody else, and with
 * `open` the WebSocket and what the server said.
 */
function createLifecycle(options, now, hello, frame, changed, report, handIn) {
    const { url, token: provider, connectTimeout = CONNECT_TIMEOUT, random = Math.random } = options;
    let state = { status: "idle" };
    let ws;
    /** When it is given up, by the wall clock: a page that slept finds it passed. */
    let deadline = 0;
    /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
    let silence = 0;
    let watchdog;
    /** The next attempt, or the move to another server that `:drain` asked for. */
    let retry;
    let renewal;
    /** Listens to the page for its wake-up. */
    let wakes;
    let attempt = 0;
    let refusals = 0;
    let openedAt = 0;
    /** When `:drain` wants us elsewhere; 0 for not at all. */
    let drainAt = 0;
    let spread = SPREAD;
    /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
    let session;
    const change = (next, welcome) => {
        state = Object.freeze(next);
        changed(state, ws, welcome);
    };
    const send = (text) => {
        trace("->", text);
        ws?.send(text);
    };
    const trace = (arrow, data) => {
        // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
        if (options.debug)
            console.debug(arrow, data);
    };
    /** Gives the connection up. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
    const hangUp = (closeCode) => {
        for (const timer of [watchdog, retry, renewal])
            clearTimeout(timer);
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
        change({ status: "closed", cause: { kind, message, closeCode, upgrade } });
    };
    /** The connection is lost: comes back after a while, if coming back can help. */
    const lost = (message, closeCode, wait) => {
        if (closeCode === 4401)
            refusals++;
        const end = refusals > 1 ? "unauthorized" : endOf(closeCode);
        if (end)
            return close(end, message, closeCode);
        if (state.status === "open" && now() - openedAt >= STABLE_AFTER)
            attempt = 0;
        let delay = delayOf(random, spread, attempt++);
        if (closeCode === 4429)
            delay = Math.max(delay, RATE_LIMIT_DELAY);
        if (drainAt)
            delay = Math.max(0, drainAt - now());
        delay = wait ?? delay;
        hangUp();
        retry = later(start, delay);
        change({
            status: "waiting",
            attempt,
            retryAt: now() + delay,
            cause: { kind: "lost", message, closeCode },
        });
    };
    /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
    const watch = () => {
        clearTimeout(watchdog);
        // A clock that was set back must not make a dead connection live longer.
        deadline = Math.min(deadline, now() + (silence || connectTimeout));
        const left = deadline - now();
        if (left > 0)
            watchdog = later(watch, left);
        // Nobody sent it away, so it need not wait.
        else if (silence)
            lost("no sign of life", undefined, 0);
        else
            lost("connecting timed out");
    };
    const start = async () => {
        const mine = { status: "connecting", attempt };
        hangUp();
        wakes ??= onWake(wake);
        drainAt = silence = 0;
        deadline = now() + connectTimeout;
        watch();
        change(mine);
        try {
            const [address, token] = await Promise.all([
                typeof url === "function" ? url() : url,
                provider?.({ expired: refusals > 0 }),
            ]);
            if (state === mine)
                dial(address, token);
        }
        catch (error) {
            // A provider that rejects is a break like any other.
            if (state === mine)
                lost(`no url or token: ${error}`);
        }
    };
    const dial = (address, token) => {
        if (provider && token == null)
            return close("unauthorized", "no token");
        let socket;
        try {
            const Class = options.WebSocket ?? globalThis.WebSocket;
            socket = new Class(addressOf(address), SUBPROTOCOL);
        }
        catch (error) {
            return close("unusable", `no usable url or WebSocket: ${error}`);
        }
        ws = socket;
        ws.onopen = () => send(hello(token, session));
        ws.onmessage = ({ data }) => {
            trace("<-", data);
            if (silence)
                deadline = now() + silence;
            frame(data, () => ws !== socket);
        };
        ws.onclose = ({ code, reason }) => lost(reason || `closed with ${code}`, code);
        // Never fatal by itself: a close follows, and tells more.
        ws.onerror = () => { };
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
        const soon = now() + WAKE_TIMEOUT;
        // Before the welcome there is one deadline. Several events tell of one awakening, and one
        // question is enough.
        if (!silence || deadline <= soon)
            return;
        send(encode(":ping"));
        deadline = soon;
        watch();
    };
    const refresh = async () => {
        const mine = state;
        try {
            const token = await provider?.({ expired: true });
            if (!provider || state !== mine)
                return;
            if (token == null)
                return close("unauthorized", "no token");
            handIn(token, (answer) => {
                if (state !== mine)
                    return;
                if (answer instanceof SocketError)
                    report("connection", answer.message);
                else
                    renewBefore(fieldsOf(answer)["expires"]);
            });
        }
        catch (error) {
            // The old token may still be good. Once it is not, the server closes with 4401.
            if (state === mine)
                report("connection", `no new token: ${error}`);
        }
    };
    const renewBefore = (expires) => {
        clearTimeout(renewal);
        if (typeof expires !== "number" || !provider)
            return;
        // A short-lived token is renewed at half its life.
        renewal = later(refresh, Math.max(expires - REFRESH_AHEAD, expires / 2));
    };
    return {
        connect() {
            const { status } = state;
            if (status === "connecting" || status === "open")
                return;
            if (status !== "waiting")
                attempt = refusals = 0;
            start();
        },
        close,
        send,
        welcome(welcome) {
            const { connection, user, ping, timeout, expires, ...more } = fieldsOf(welcome);
            ({ session } = more);
            spread = numberOf(more["spread"], SPREAD);
            refusals = 0;
            openedAt = now();
            silence = numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT);
            deadline = openedAt + silence;
            watch();
            renewBefore(expires);
            const who = typeof user === "object" ? user : null;
            change({ status: "open", id: connection, user: who }, welcome);
        },
        refused({ code, message, data }) {
            if (code === "upgrade-required")
                close(code, message, 4526, data);
            else
                lost(message, code === "unauthorized" ? 4401 : undefined);
        },
        drain(after) {
            const [min, max] = [after].flat();
            const from = numberOf(min, 0);
            const delay = from + random() * Math.max(0, numberOf(max, spread) - from);
            drainAt = now() + delay;
            clearTimeout(retry);
            retry = later(() => lost("draining"), delay);
        },
        refresh,
    };
}
/** What a limit is that the server does not enforce. */
const UNLIMITED = 1e9;
function createOutbox({ queueMessages = QUEUE_MESSAGES, queueBytes = QUEUE_BYTES }, now, write) {
    let queue = [];
    /** By id, in the order in which they were first sent. */
    const sent = new Map();
    let lastId = CONNECT_ID;
    let socket;
    let timer;
    /** Messages per second, and at once: what the server allows, and what is left of it. */
    let rate = 0;
    let burst = 0;
    let tokens = 0;
    let refilledAt = 0;
    const isFresh = ({ staleAt }) => !staleAt || staleAt > now();
    /** ms until the next message may go out. */
    const delay = (socket) => {
        const passed = Math.max(0, now() - refilledAt);
        refilledAt += passed;
        tokens = Math.min(burst, tokens + (passed * rate) / 1000);
        if (socket.bufferedAmount > BUFFERED_BYTES)
            return BUFFERED_POLL;
        return tokens < 1 ? Math.ceil(((1 - tokens) * 1000) / rate) : 0;
    };
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
            tokens--;
            const { text, end, deadline } = message;
            if (!end) {
                write(text);
                continue;
            }
            message.id ||= ++lastId;
            sent.set(message.id, message);
            const timeout = deadline && Math.max(1, Math.ceil(deadline - now()));
            write(withFields(text, { id: message.id, timeout }));
        }
    };
    const unqueue = (call) => {
        queue = queue.filter((other) => other !== call);
    };
    return {
        put(message, volatile) {
            const isFree = socket && !queue[0] && !delay(socket);
            let rest = queue;
            if (!isFree) {
                const { text, key, end } = message;
                rest = queue.filter((other) => isFresh(other) && (!key || other.key !== key));
                message.size = byteLength(text);
                const bytes = rest.reduce((sum, { size = 0 }) => sum + size, message.size);
                if (volatile || rest.length >= queueMessages || bytes > queueBytes) {
                    end?.(new SocketError("queue-full"));
                    return "dropped";
                }
            }
            // What the welcome did not answer is asked before what may depend on it goes out.
            queue = message.own && !socket ? [message, ...rest] : [...rest, message];
            flush();
            return isFree ? "sent" : "queued";
        },
        abandon(call) {
            unqueue(call);
            call.abandoned = true;
        },
        answer(re, outcome, item) {
            const call = sent.get(re);
            if (item !== undefined)
                call?.item?.(item);
            else if (call) {
                call.abandoned = true;
                if (!call.repeated)
                    sent.delete(re);
                unqueue(call);
                call.end?.(outcome);
            }
            return !!call;
        },
        open(next, resumed, limits) {
            const again = [...sent.values()].filter(({ own, item, idempotent, abandoned, end }) => {
                const goesOn = !item && (idempotent || (resumed && !own));
                if (!goesOn)
                    end?.(lostCall(true));
                return goesOn && !abandoned;
            });
            queue = [...again, ...queue.filter(({ id }) => !id)];
            if (!resumed)
                sent.clear();
            for (const call of again) {
                call.repeated = resumed;
                if (!resumed)
                    call.id = 0;
            }
            socket = next;
            const pace = fieldsOf(limits);
            rate = numberOf(pace["rate"], UNLIMITED) || UNLIMITED;
            burst = numberOf(pace["burst"], UNLIMITED) || UNLIMITED;
            // A session that goes on keeps what it has used.
            if (!resumed)
                tokens = burst;
            flush();
        },
        hold() {
            socket = undefined;
            queue = queue.filter(({ own }) => !own);
        },
        fail() {
            const others = queue.filter((message) => isFresh(message) && !message.end);
            for (const { id, end } of [...sent.values(), ...queue])
                end?.(lostCall(!!id));
            sent.clear();
            queue = [];
            return others.length;
        },
    };
}
/** What the protocol itself tells programs, beside the events of each definition. */
const BUILTIN = ["online-update", "presence-update"];
/** Bytes that the id and the timeout add to a command. */
const STAMP = 50;
function createClient({ name, fingerprint, events, idempotent, keeps = [], codec }, options) {
    const { now = Date.now, callTimeout = CALL_TIMEOUT, onError = shout } = options;
    const known = new Set(events);
    let state = { status: "idle" };
    /** Bytes of the largest message that the server takes. */
    let maxMessage = Infinity;
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
    const { on, emit } = createEmitter((error) => report("handler", String(error), error));
    /** Tells the handlers, until one of them ends what it was about. `false`: nobody listens. */
    const tell = (keys, ...args) => {
        const then = state;
        return emit(keys, () => then !== state, args);
    };
    const is = (status) => state.status === status;
    const isOpen = () => is("open");
    /** A command of the protocol's own. */
    const ask = (cmd, channel, param, end) => {
        outbox.put({ text: encode(cmd, channel, param), own: true, end });
    };
    const channels = createChannels(keeps, isOpen, ask, (channel, error, awaited) => {
        if (tell([`:closed ${channel}`], error) || awaited)
            return;
        report("channel", `${channel}: ${error.message}`, error);
    }, (gap) => {
        const { channel, reason } = gap;
        if (tell([`:gap ${channel}`, ":gap"], gap) || reason !== "gap")
            return;
        report("channel", `${channel}: events were lost`);
    });
    const hello = (token, session) => {
        const protocol = { name, fingerprint };
        const param = { token, session, protocol, channels: channels.request() };
        return withFields(encode(":connect", undefined, param), { id: CONNECT_ID });
    };
    const changed = (next, ws, welcome) => {
        state = next;
        const { limits, resumed, channels: joins } = fieldsOf(welcome);
        const answer = fieldsOf(joins);
        const { status, cause } = next;
        if (ws && status === "open") {
            maxMessage = numberOf(fieldsOf(limits)["message"], Infinity);
            channels.reconcile(answer);
            outbox.open(ws, resumed === true, limits);
            tell([":state", ":open"], next);
            if (state === next)
                channels.welcome(answer);
            return;
        }
        channels.broken();
        outbox.hold();
        if (status === "closed") {
            const unsent = outbox.fail();
            channels.fail();
            if (unsent)
                report("queue", `${unsent} messages were not sent`);
        }
        if (cause && cause.kind !== "user")
            report("connection", cause.message);
        tell([":state"], next);
    };
    /** A value as the program sees it, or an error where it is none of its type's. */
    const revive = (what, cmd, value) => {
        try {
            return codec ? codec.revive(what, cmd, value) : value;
        }
        catch (cause) {
            return new SocketError("message", `${what} ${cmd}: ${cause}`, { cause });
        }
    };
    /** `isOver`: the connection that it came from is given up. */
    const frame = (data, isOver) => {
        let messages = [];
        try {
            messages = [JSON.parse(data)].flat();
        }
        catch { }
        if (!messages.length)
            report("message", `no message: ${String(data).slice(0, 80)}`);
        for (const message of messages) {
            if (isOver())
                return;
            const { re, error, item, cmd, channel = "", param = {} } = fieldsOf(message);
            const outcome = error ? errorOf(error) : param;
            const isWelcome = typeof fieldsOf(param)["connection"] === "string";
            if (re === CONNECT_ID && is("connecting") && (error || isWelcome)) {
                if (outcome instanceof SocketError)
                    life.refused(outcome);
                else
                    life.welcome(param);
            }
            else if (typeof cmd === "string" && typeof channel === "string") {
                event(channel, { ...message, param });
            }
            else if (!outbox.answer(re, outcome, item)) {
                report("message", `not asked for: ${JSON.stringify(message).slice(0, 80)}`);
            }
        }
    };
    const event = (channel, message) => {
        const { cmd, param } = message;
        const { reason, after } = fieldsOf(param);
        if (cmd === ":ping")
            life.send(encode(":pong"));
        else if (cmd === ":error")
            report("server", errorOf(param).message, errorOf(param));
        else if (cmd === ":refresh")
            void life.refresh();
        else if (cmd === ":joined")
            channels.joined(channel, param);
        else if (cmd === ":closed")
            channels.closed(channel, errorOf(reason));
        else if (cmd === ":gap")
            channels.gap(channel, param);
        else if (cmd === ":drain")
            life.drain(after);
        else if (cmd === "close-connection")
            life.close("asked", "the server asked for it");
        else if (cmd !== ":pong")
            publish(channel, message);
    };
    const publish = (channel, message) => {
        const { cmd } = message;
        const param = revive("event", cmd, message.param);
        if (param instanceof SocketError)
            return report("message", param.message, param);
        const isKnown = known.has(cmd);
        const then = state;
        if (!channels.isNews(channel, message) || then !== state)
            return;
        const keys = isKnown || BUILTIN.includes(cmd)
            ? [cmd, `${cmd} ${channel}`, isKnown ? ":message" : ""]
            : [":unknown"];
        if (!tell(keys, param, { ...message, param }) && keys[0] !== cmd)
            report("message", `unknown event: ${cmd}`);
    };
    /** A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting. */
    const isTooLarge = (text, more = 0) => text.length * 3 + more > maxMessage && byteLength(text) + more > maxMessage;
    const send = ({ cmd, channel, param }, { key, ttl, volatile } = {}) => {
        const text = encode(cmd, channel, param, codec);
        if (is("closed") || isTooLarge(text))
            return "dropped";
        return outbox.put({
            text,
            key: key && JSON.stringify([cmd, channel, key]),
            staleAt: now() + (ttl ?? Infinity),
        }, volatile);
    };
    const call = ({ cmd, channel, param }, { timeout = callTimeout, signal, item } = {}) => promiseOf((settle) => {
        const text = encode(cmd, channel, param, codec);
        const message = {
            text,
            item: item && ((one) => item(revive("item", cmd, one))),
            deadline: now() + Math.min(timeout, MAX_TIMER),
            // The protocol's own that programs may call only ask.
            idempotent: cmd[0] === ":" || idempotent.includes(cmd),
            end(outcome) {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
                outbox.abandon(message);
                settle(revive(outcome instanceof SocketError ? "error" : "reply", cmd, outcome));
            },
        };
        const end = (code, more) => message.end?.(new SocketError(code, code, more));
        const abort = () => {
            // The server counts a time-out itself; an abort is news to it.
            if (message.id && isOpen())
                life.send(encode(":cancel", undefined, { id: message.id }));
            end("aborted", { cause: signal?.reason });
        };
        const timer = later(() => end("timeout"), timeout);
        signal?.addEventListener("abort", abort);
        if (signal?.aborted)
            abort();
        else if (is("closed"))
            end("disconnected");
        else if (isTooLarge(text, STAMP))
            end("too-large", { data: { limit: maxMessage } });
        else
            outbox.put(message);
    });
    const tryCall = (message, options) => call(message, options).then((value) => ({ ok: true, value }), (error) => {
        if (error instanceof SocketError)
            return { ok: false, error };
        throw error;
    });
    const channel = (name) => {
        const room = {
            name,
            join: () => channels.join(name, room),
            leave: () => channels.leave(name, room),
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
    const life = createLifecycle(options, now, hello, frame, changed, report, (token, end) => ask(":refresh", undefined, { token }, end));
    const outbox = createOutbox(options, now, life.send);
    const { onOpen, onGap, onMessage, onUnknown } = options;
    if (onOpen)
        on(":open", onOpen);
    if (onGap)
        on(":gap", onGap);
    if (onMessage)
        on(":message", (_, message) => onMessage(message));
    if (onUnknown)
        on(":unknown", (_, message) => onUnknown(message));
    if (options.connect !== false)
        life.connect();
    return {
        get state() {
            return state;
        },
        subscribe(listener) {
            const off = on(":state", listener);
            // At once, as the stores of Svelte do: who listens need not read `state` first.
            listener(state);
            return off;
        },
        connect: life.connect,
        disconnect: () => life.close("user", "disconnect()"),
        send,
        call,
        tryCall,
        on,
        channel,
    };
}
// -------------------------------------------------------------------------------------------------
// Define: the one way from an emitted file into this one.
/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define(descriptor) {
    class Socket {
        constructor(debug, onOpen, onMessage, onError, url) {
            const options = typeof debug === "object" ? debug : { debug, onOpen, onMessage, onError, url };
            // With its getter, and so that methods may be taken off it.
            const client = createClient(descriptor, options);
            Object.defineProperties(this, Object.getOwnPropertyDescriptors(client));
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
        item: (item) => unread.push(item),
    })
        .then((reply) => unread.end(undefined, reply), (error) => unread.end(error));
    return unread.iterator;
}
