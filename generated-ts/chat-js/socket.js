// Made by socket-codegen 0.1.0.
// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Errors
//   Types
//   Wire
//   Queue
//   Calls
//   Emitter
//   Backoff
//   Options
//   Connection
//   Wake
//   State
//   Lifecycle
//   Memberships
//   Outbox
//   Room
//   Client
//   Socket
//   Define
//   Messages
/** What `call`, `join` and the like reject with, and the third argument of `onError`. */
export class SocketError extends Error {
    name = "SocketError";
    /** Kebab-case and stable: the protocol's, the command's own, or one that only the client makes. */
    code;
    /** What the code declares. Checked by nobody: it is what the server sent. */
    data;
    /** With `disconnected`: whether the server may have got the command. Else `false`. */
    sent;
    constructor(code, message, more = {}) {
        super(message, more);
        this.code = code;
        this.data = more.data;
        this.sent = more.sent ?? false;
    }
}
// -------------------------------------------------------------------------------------------------
// Wire: what a frame holds. The one place where bytes from outside become values that can be trusted.
/** The subprotocol that stands for the full mode of this protocol, version 1. */
const SUBPROTOCOL = "socket.v1";
/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;
function isFields(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
function field(value, name) {
    return isFields(value) ? value[name] : undefined;
}
function textOf(value, otherwise) {
    return typeof value === "string" ? value : otherwise;
}
function numberOf(value, otherwise) {
    return typeof value === "number" && value >= 0 ? value : otherwise;
}
/** Takes a frame apart. A bad element is one `bad`; the others still count. */
function decode(data, codec) {
    if (typeof data !== "string")
        return [bad("a frame that is not text")];
    let frame;
    try {
        frame = JSON.parse(data);
    }
    catch {
        return [bad(`a frame that is not JSON: ${data.slice(0, 80)}`)];
    }
    if (!Array.isArray(frame))
        return [element(frame, codec)];
    return frame.length > 0 ? frame.map((one) => element(one, codec)) : [bad("an empty array")];
}
function element(value, codec) {
    const [re, error, cmd] = [field(value, "re"), field(value, "error"), field(value, "cmd")];
    if (re !== undefined) {
        if (typeof re !== "number")
            return bad("a reply whose `re` is not a number");
        if (error === undefined)
            return { kind: "reply", re, param: field(value, "param") ?? {} };
        if (!isFields(error))
            return bad("a reply whose `error` is not an object");
        return { kind: "error", re, error };
    }
    if (!isFields(value) || typeof cmd !== "string")
        return bad("neither an event nor a reply");
    const channel = field(value, "channel") ?? "";
    if (typeof channel !== "string")
        return bad(`the event ${cmd} with a \`channel\` that is no text`);
    const param = revive(codec, "event", cmd, field(value, "param") ?? {});
    if (param instanceof SocketError)
        return bad(param.message);
    // The same object goes to every handler, with `param` there even if the server left it out.
    return { kind: "event", channel, event: { ...value, cmd, param } };
}
/** The value as the program sees it, or an error where it is none of its type's. */
function revive(codec, what, name, value) {
    try {
        return codec?.revive(what, name, value) ?? value;
    }
    catch (cause) {
        return new SocketError("message", `the ${what} ${name} with ${cause}`, { cause });
    }
}
function bad(reason) {
    return { kind: "bad", reason };
}
/** A command as text, `cmd` first. Fields without a value are not written. */
function encode(cmd, channel, param, codec) {
    return JSON.stringify({ cmd, channel: channel || undefined, param }, codec?.replacer);
}
/** Adds fields to a command that is text already: its id is known only when it is sent. */
function withFields(text, fields) {
    return `${text.slice(0, -1)},${JSON.stringify(fields).slice(1)}`;
}
/** UTF-8 bytes, which is what the limits count. */
function byteLength(text) {
    return new TextEncoder().encode(text).length;
}
class Queue {
    #messages = new Map();
    #bounds;
    #bytes = 0;
    constructor(bounds) {
        this.#bounds = bounds;
    }
    get size() {
        return this.#messages.size;
    }
    /** `false`: it is full, and the message was not taken. */
    add(message) {
        this.#dropStale();
        for (const other of message.key ? this.#messages.keys() : [])
            if (other.key === message.key)
                this.remove(other);
        const bytes = byteLength(message.text);
        if (this.size >= this.#bounds.queueMessages)
            return false;
        if (this.#bytes + bytes > this.#bounds.queueBytes)
            return false;
        this.#messages.set(message, bytes);
        this.#bytes += bytes;
        return true;
    }
    remove(message) {
        this.#bytes -= this.#messages.get(message) ?? 0;
        return this.#messages.delete(message);
    }
    /** Takes the oldest that is still worth sending. */
    shift() {
        this.#dropStale();
        const [first] = this.#messages.keys();
        if (first)
            this.remove(first);
        return first;
    }
    /** Takes everything. */
    clear() {
        this.#dropStale();
        const all = [...this.#messages.keys()];
        this.#messages.clear();
        this.#bytes = 0;
        return all;
    }
    #dropStale() {
        const now = this.#bounds.now();
        for (const message of this.#messages.keys())
            if (message.staleAt !== undefined && message.staleAt <= now)
                this.remove(message);
    }
}
/** The calls that were sent and not answered, in the order in which they were sent. */
class Calls {
    #inFlight = new Map();
    /** Given up here, while the server still owes an answer that nobody waits for. */
    #abandoned = new Set();
    #lastId = CONNECT_ID;
    /** Makes a call. `timeLeft`: ms after which the caller no longer wants the answer, asked when sent. */
    make(text, again, end, timeLeft) {
        const call = {
            id: 0,
            text,
            again,
            end,
            stamp: () => {
                call.id ||= ++this.#lastId;
                this.#inFlight.set(call.id, call);
                return withFields(text, { id: call.id, timeout: timeLeft?.() });
            },
        };
        return call;
    }
    /** The caller no longer waits. An answer that still comes is no surprise. */
    abandon(call) {
        if (this.#inFlight.delete(call.id))
            this.#abandoned.add(call.id);
    }
    /** Ends the call that an answer belongs to. `false`: there is none. */
    answer(re, outcome) {
        const call = this.#inFlight.get(re);
        if (!call)
            return this.#abandoned.delete(re);
        this.#end(call, outcome);
        return true;
    }
    /** The connection broke. What cannot be sent again ends here. `kept`: the session may go on. */
    broken(kept) {
        if (!kept)
            this.#abandoned.clear();
        for (const call of this.#inFlight.values()) {
            const mayGoOn = call.again === "always" || (kept && call.again === "resumed");
            if (!mayGoOn)
                this.#end(call, lostCall(true));
        }
    }
    /** What must be sent again: on a resumed session under the same id, and the server runs it once. */
    resend(resumed) {
        if (resumed)
            return [...this.#inFlight.values()];
        this.broken(false);
        const calls = [...this.#inFlight.values()];
        this.#inFlight.clear();
        for (const call of calls)
            call.id = 0;
        return calls;
    }
    /** Ends everything in flight. */
    fail() {
        for (const call of this.#inFlight.values())
            this.#end(call, lostCall(true));
    }
    #end(call, outcome) {
        this.#inFlight.delete(call.id);
        call.end(outcome);
    }
}
function lostCall(sent) {
    const message = sent ? "the connection broke before the answer came" : "the socket is closed";
    return new SocketError("disconnected", message, { sent });
}
function errorOf(error) {
    const code = textOf(field(error, "code"), "internal");
    return new SocketError(code, textOf(field(error, "message"), code), {
        data: field(error, "data"),
    });
}
function isCall(message) {
    return "end" in message;
}
class Emitter {
    #handlers = new Map();
    on(key, handler) {
        const set = this.#handlers.get(key) ?? new Set();
        this.#handlers.set(key, set);
        // Its own object, so that the same function given twice is two handlers with two ends.
        const entry = { handler };
        set.add(entry);
        const off = () => {
            set.delete(entry);
            if (set.size === 0 && this.#handlers.get(key) === set)
                this.#handlers.delete(key);
        };
        const { dispose } = Symbol;
        return (dispose ? Object.assign(off, { [dispose]: off }) : off);
    }
    /** The handlers of now. One that is taken back while the others run is not called any more. */
    *of(key) {
        const set = this.#handlers.get(key);
        for (const entry of [...(set ?? [])])
            if (set?.has(entry))
                yield entry.handler;
    }
}
/** ms until the next attempt. Full jitter from the first one on: any moment below the bound. */
function delayOf(settings, spread, attempt) {
    return settings.random() * Math.min(settings.maxDelay, spread * 2 ** attempt);
}
/** Why a close code ends it for good: 4500 to 4999 do. Everything below comes back. */
function endOf(closeCode) {
    if (closeCode === 4526)
        return "upgrade-required";
    return closeCode >= 4500 ? "refused" : undefined;
}
// -------------------------------------------------------------------------------------------------
// Options: what the user may set, and every default, each with its unit and its meaning.
/** Every number that the client goes by. Those that the server announces replace the ones here. */
const DEFAULTS = {
    /** ms for token, URL, upgrade, `:connect` and its reply together. Then: lost, and back off. */
    connectTimeout: 10_000,
    /** ms until a call that has no answer ends with `timeout`. */
    callTimeout: 10_000,
    /** Messages that wait for the connection at most. Then: "dropped", or `queue-full`. */
    queueMessages: 1_000,
    /** Bytes that wait for the connection at most. Then: as above. */
    queueBytes: 1_048_576,
    /** Bytes that the WebSocket itself may hold back. Above: new messages wait in our queue. */
    bufferedBytes: 1_048_576,
    /** ms between two looks at a WebSocket that holds back too much. */
    bufferedPoll: 50,
    /** ms; the first delay is anywhere below it, and doubles with each attempt. Announced. */
    spread: 2_000,
    /** ms that no delay exceeds. */
    maxDelay: 20_000,
    /** ms that a connection must have lasted for the next delay to be a first one again. */
    stableAfter: 5_000,
    /** ms to wait at least after the server closed for too many messages (4429). */
    rateLimitDelay: 3_000,
    /** ms of silence after which the server sends something. Announced. */
    ping: 25_000,
    /** ms beyond `ping` after which the connection is taken for dead. Announced. */
    timeout: 10_000,
    /** ms for a sign of life after the page woke up. */
    wakeTimeout: 2_500,
    /** ms before the token runs out at which a new one is asked for. */
    refreshAhead: 30_000,
    /** Messages per second, and at once, when the queue is sent. Announced. */
    rate: 50,
    burst: 100,
};
/** ms that no timer of any engine exceeds: beyond it they fire at once. */
const MAX_TIMER = 2 ** 31 - 1;
const FALLBACKS = {
    now: () => Date.now(),
    random: () => Math.random(),
    onError(source, message, error) {
        // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
        if (source !== "connection")
            console.error(`socket: ${source}: ${message}`, error);
    },
};
function settle(options) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    return { ...FALLBACKS, ...DEFAULTS, ...Object.fromEntries(given) };
}
/** The absolute WebSocket address of what `url` gives. Throws where it gives none. */
function addressOf(url) {
    // Not every place has a location: a server renders without one, and takes absolute addresses only.
    const address = new URL(url, globalThis.location?.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.hash = "";
    return address.href;
}
class Connection {
    #settings;
    #hooks;
    #socket;
    #ended = false;
    #timer;
    /** When it is given up, by the wall clock: a page that slept finds it passed. */
    #deadline;
    /** ms that each frame moves the deadline ahead; 0 until the welcome, which has one deadline. */
    #silence = 0;
    constructor(settings, expired, hooks) {
        this.#settings = settings;
        this.#hooks = hooks;
        this.#deadline = settings.now() + settings.connectTimeout;
        this.#watch();
        this.#dial(expired).catch((error) => {
            // A provider that rejects is a break like any other.
            this.#lose({ message: `no url or token: ${String(error)}` });
        });
    }
    get ended() {
        return this.#ended;
    }
    /** Bytes that the WebSocket holds back. */
    get buffered() {
        return this.#socket?.bufferedAmount ?? 0;
    }
    send(text) {
        this.#trace("->", text);
        this.#socket?.send(text);
    }
    /** From the welcome on: a connection that says nothing for this long is dead. */
    expectFrames(silence) {
        this.#silence = silence;
        this.#deadline = this.#settings.now() + silence;
        this.#watch();
    }
    /** The page woke up: what is dead is given up now, and what is silent soon. */
    probe() {
        this.#watch();
        const soon = this.#settings.now() + this.#settings.wakeTimeout;
        // Several events tell of one awakening: one question is enough.
        if (this.#ended || !this.#silence || this.#deadline <= soon)
            return;
        this.send(encode(":ping", undefined, undefined));
        this.#deadline = soon;
        this.#watch();
    }
    /** Ends it from our side. A WebSocket takes up to a minute to close on a dead peer: not awaited. */
    end(closeCode) {
        if (this.#ended)
            return;
        this.#ended = true;
        clearTimeout(this.#timer);
        const socket = this.#socket;
        if (!socket)
            return;
        // `error` keeps a handler: some implementations throw an error that nobody listens to.
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.onerror = () => { };
        socket.close(closeCode);
    }
    #lose(loss) {
        if (this.#ended)
            return;
        this.end();
        this.#hooks.lost(loss);
    }
    async #dial(expired) {
        const { url, token } = this.#settings;
        const [where, secret] = await Promise.all([
            typeof url === "function" ? url() : url,
            token?.({ expired }),
        ]);
        if (this.#ended)
            return;
        if (secret === null)
            return this.#lose({ message: "there is no token", final: "unauthorized" });
        const Class = this.#settings.WebSocket ?? globalThis.WebSocket;
        if (!Class) {
            const message = "there is no WebSocket here: give one as the option `WebSocket`";
            return this.#lose({ message, final: "unusable" });
        }
        let socket;
        try {
            socket = new Class(addressOf(where), SUBPROTOCOL);
        }
        catch (error) {
            return this.#lose({ message: `not a usable url: ${String(error)}`, final: "unusable" });
        }
        this.#socket = socket;
        socket.onopen = () => this.send(this.#hooks.hello(secret));
        socket.onmessage = (event) => {
            this.#trace("<-", event.data);
            if (this.#silence)
                this.#deadline = this.#settings.now() + this.#silence;
            this.#hooks.frame(event.data);
        };
        socket.onclose = (event) => {
            const message = event.reason || `the connection was closed with ${event.code}`;
            this.#lose({ message, closeCode: event.code });
        };
        // Never fatal by itself: a close follows, and tells more.
        socket.onerror = () => { };
    }
    /** One lazy timer: frames only move the deadline, and the timer looks at it when it is due. */
    #watch() {
        clearTimeout(this.#timer);
        const now = this.#settings.now();
        // A clock that was set back must not make a dead connection live longer.
        this.#deadline = Math.min(this.#deadline, now + (this.#silence || this.#settings.connectTimeout));
        const left = this.#deadline - now;
        if (left > 0)
            this.#timer = setTimeout(() => this.#watch(), left);
        else
            this.#lose({ message: this.#silence ? "no sign of life" : "connecting took too long" });
    }
    #trace(direction, frame) {
        // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
        if (this.#settings.debug)
            console.debug(direction, frame);
    }
}
/** Calls `wake` at each of them, until taken back. A page that goes away is not one that wakes up. */
function onWake(wake) {
    const host = globalThis;
    const page = host.document;
    const look = () => {
        if (page?.visibilityState !== "hidden")
            wake();
    };
    const places = [
        [host, ["online", "focus", "pageshow"]],
        [page, ["visibilitychange", "resume"]],
    ];
    const each = (act) => {
        for (const [place, types] of places)
            for (const type of types)
                place?.[act]?.(type, look);
    };
    each("addEventListener");
    return () => each("removeEventListener");
}
class Lifecycle {
    #settings;
    #hooks;
    #state = Object.freeze({ status: "idle" });
    #connection;
    /** The next attempt, or the move to another server that `:drain` asked for. */
    #retry;
    #refresh;
    /** Stops watching for the page to wake up. */
    #unwatch;
    #attempt = 0;
    #refusals = 0;
    #openedAt = Number.POSITIVE_INFINITY;
    /** When `:drain` wants us elsewhere; 0 for not at all. */
    #drainAt = 0;
    #spread;
    /** What the server resumes by. In memory only: storage would be shared by a duplicated tab. */
    #session;
    constructor(settings, hooks) {
        this.#settings = settings;
        this.#hooks = hooks;
        this.#spread = settings.spread;
    }
    get state() {
        return this.#state;
    }
    get isOpen() {
        return this.#state.status === "open";
    }
    /** The present connection. Another one, or none, after a callback: what it was about is gone. */
    get connection() {
        return this.#connection;
    }
    connect() {
        const { status } = this.#state;
        if (status === "connecting" || status === "open")
            return;
        if (status !== "waiting")
            this.#attempt = this.#refusals = 0;
        this.#dial();
    }
    /** The page woke up. What the user closed stays closed. */
    #wake() {
        this.#connection?.probe();
        const state = this.#state;
        if (state.status !== "waiting")
            return;
        // The network may be back. A server that closed by itself had its reason: its delay holds.
        const { closeCode = 1006 } = state.cause;
        if (closeCode === 1006 || state.retryAt <= this.#settings.now())
            this.#dial();
    }
    /** Stays away until `connect()`. */
    close(cause, closeCode) {
        if (this.#state.status === "closed")
            return;
        this.#session = undefined;
        this.#unwatch?.();
        this.#unwatch = undefined;
        this.#hangUp({ status: "closed", cause }, closeCode);
        this.#hooks.closed();
        if (cause.kind !== "user")
            this.#hooks.report("connection", cause.message);
        this.#hooks.changed(this.#state);
    }
    /** The answer to `:connect`. */
    welcome(welcome) {
        const connection = this.#connection;
        const id = field(welcome, "connection");
        if (!connection || this.isOpen || typeof id !== "string") {
            return this.#hooks.report("message", "a welcome that is none");
        }
        const { now, ping, timeout, spread } = this.#settings;
        const [user, session] = [field(welcome, "user"), field(welcome, "session")];
        this.#session = typeof session === "string" ? session : undefined;
        this.#spread = numberOf(field(welcome, "spread"), spread);
        this.#refusals = 0;
        this.#openedAt = now();
        const silence = numberOf(field(welcome, "ping"), ping) + numberOf(field(welcome, "timeout"), timeout);
        connection.expectFrames(silence);
        this.#refreshBefore(field(welcome, "expires"));
        const who = isFields(user)
            ? { id: textOf(user["id"], ""), name: textOf(user["name"], "") }
            : null;
        this.#state = Object.freeze({ status: "open", id, user: who });
        this.#hooks.welcomed(connection, welcome);
        this.#hooks.changed(this.#state);
    }
    /** The other answer to `:connect`. The close that follows is not waited for. */
    refused(error) {
        const { code, message } = error;
        const closeCode = code === "unauthorized" ? 4401 : code === "upgrade-required" ? 4526 : 0;
        this.#lost({ message, closeCode });
    }
    /** The server goes away, and names the window in which to be elsewhere, in ms from now. */
    drain(after) {
        const [min, max] = Array.isArray(after) ? after.map((ms) => numberOf(ms, 0)) : [];
        const { now, random } = this.#settings;
        const delay = (min ?? 0) + random() * Math.max(0, (max ?? this.#spread) - (min ?? 0));
        this.#drainAt = now() + delay;
        clearTimeout(this.#retry);
        const move = () => this.#lost({ message: "the server goes away" });
        this.#retry = setTimeout(move, Math.min(delay, MAX_TIMER));
    }
    /** Asks for a new token and hands it in, on the connection that is open. */
    async refresh() {
        const connection = this.#connection;
        try {
            const token = await this.#settings.token?.({ expired: true });
            if (!connection || connection.ended || token === undefined)
                return;
            if (token === null) {
                return this.close({ kind: "unauthorized", message: "there is no token" }, 1000);
            }
            this.#hooks.refresh(token, (answer) => {
                if (!(answer instanceof SocketError))
                    this.#refreshBefore(field(answer, "expires"));
                else if (!connection.ended)
                    this.#hooks.report("connection", answer.message);
            });
        }
        catch (error) {
            // The old token may still be good. Once it is not, the server closes with 4401.
            if (!connection?.ended)
                this.#hooks.report("connection", `no new token: ${String(error)}`);
        }
    }
    #refreshBefore(expires) {
        clearTimeout(this.#refresh);
        if (typeof expires !== "number" || !this.#settings.token)
            return;
        // A short-lived token is renewed at half its life.
        const delay = Math.max(expires - this.#settings.refreshAhead, expires / 2);
        this.#refresh = setTimeout(() => this.refresh(), Math.min(delay, MAX_TIMER));
    }
    #dial() {
        clearTimeout(this.#retry);
        this.#unwatch ??= onWake(() => this.#wake());
        this.#drainAt = 0;
        this.#connection = new Connection(this.#settings, this.#refusals > 0, {
            hello: (token) => this.#hooks.hello(token, this.#session),
            frame: this.#hooks.frame,
            lost: (loss) => this.#lost(loss),
        });
        this.#state = Object.freeze({ status: "connecting", attempt: this.#attempt });
        this.#hooks.changed(this.#state);
    }
    #lost(loss) {
        const { message, closeCode = 0, final } = loss;
        const cause = closeCode ? { message, closeCode } : { message };
        if (closeCode === 4401)
            this.#refusals++;
        const kind = final ?? (this.#refusals > 1 ? "unauthorized" : endOf(closeCode));
        if (kind)
            return this.close({ kind, ...cause });
        const now = this.#settings.now();
        if (now - this.#openedAt >= this.#settings.stableAfter)
            this.#attempt = 0;
        let delay = delayOf(this.#settings, this.#spread, this.#attempt++);
        if (closeCode === 4429)
            delay = Math.max(delay, this.#settings.rateLimitDelay);
        if (this.#drainAt)
            delay = Math.max(0, this.#drainAt - now);
        this.#hangUp({
            status: "waiting",
            attempt: this.#attempt,
            retryAt: now + delay,
            cause: { kind: "lost", ...cause },
        });
        this.#retry = setTimeout(() => this.#dial(), delay);
        this.#hooks.report("connection", message);
        this.#hooks.changed(this.#state);
    }
    #hangUp(state, closeCode) {
        clearTimeout(this.#retry);
        clearTimeout(this.#refresh);
        this.#connection?.end(closeCode);
        this.#connection = undefined;
        this.#openedAt = Number.POSITIVE_INFINITY;
        this.#state = Object.freeze(state);
        this.#hooks.gone(this.#session !== undefined);
    }
    /** Answers a sign of life of the server. */
    pong() {
        this.#connection?.send(encode(":pong", undefined, undefined));
    }
}
class Memberships {
    #all = new Map();
    #hooks;
    constructor(hooks) {
        this.#hooks = hooks;
    }
    /** Counted by holder: a second join of the same one changes nothing. */
    join(channel, holder) {
        const member = this.#get(channel);
        member.holders.add(holder);
        return new Promise((resolve, reject) => {
            member.waiters.push((outcome) => {
                if (outcome instanceof SocketError)
                    reject(outcome);
                else
                    resolve(outcome);
            });
            if (member.status === "in")
                tell(member, member.result);
            else
                this.#reconcile(channel, member);
        });
    }
    leave(channel, holder) {
        const member = this.#all.get(channel);
        if (!member)
            return;
        member.holders.delete(holder);
        // At the end of the task, so that leaving and joining again at once cancel out: frameworks take a
        // component down and put it up again, and the server need not hear of it.
        setTimeout(() => {
            if (member.holders.size > 0)
                return;
            member.byServer = false;
            tell(member, new SocketError("aborted", "left before it was joined"));
            this.#reconcile(channel, member);
        });
    }
    /** What `:connect` says of channels. */
    request() {
        const wanted = [...this.#all].filter(([, member]) => isWanted(member));
        for (const [, member] of wanted)
            member.status = "asked";
        return Object.fromEntries(wanted.map(([channel]) => [channel, {}]));
    }
    /** What the answer to `:connect` says of them. */
    welcome(results) {
        for (const [channel, result] of Object.entries(isFields(results) ? results : {})) {
            const error = field(result, "error");
            if (error === undefined)
                this.joined(channel, result);
            else
                this.closed(channel, errorOf(error));
        }
        for (const [channel, member] of this.#all) {
            // Asked for after `:connect` was written, or not spoken of in the answer.
            if (member.status === "asked")
                member.status = "out";
            this.#reconcile(channel, member);
        }
    }
    /** The server says that this connection is in. */
    joined(channel, result) {
        // Names that begin with a colon are everybody's, and nobody joins or leaves them.
        if (channel.startsWith(":"))
            return;
        const member = this.#get(channel);
        if (member.status === "out")
            member.byServer = true;
        this.#enter(channel, member, result);
    }
    /** The server says that this connection is not in, and why. */
    closed(channel, error) {
        const member = this.#all.get(channel);
        if (!member)
            return;
        this.#all.delete(channel);
        const awaited = member.waiters.length > 0;
        tell(member, error);
        this.#hooks.lost(channel, error, awaited);
    }
    /** The connection is gone; the wishes stay. */
    broken() {
        for (const [channel, member] of this.#all) {
            member.status = "out";
            this.#reconcile(channel, member);
        }
    }
    /** No connection will come: what is waited for will not happen. The wishes stay. */
    fail() {
        for (const member of this.#all.values())
            tell(member, lostCall(false));
    }
    #get(channel) {
        const known = this.#all.get(channel);
        if (known)
            return known;
        const fresh = {
            holders: new Set(),
            byServer: false,
            status: "out",
            result: {},
            waiters: [],
        };
        this.#all.set(channel, fresh);
        return fresh;
    }
    #enter(channel, member, result) {
        member.status = "in";
        member.result = isFields(result) ? result : {};
        tell(member, member.result);
        this.#reconcile(channel, member);
    }
    /** Asks for what differs between wish and fact. An answer that is still to come is waited for. */
    #reconcile(channel, member) {
        if (this.#all.get(channel) !== member || member.status === "asked")
            return;
        const open = this.#hooks.isOpen();
        if (!isWanted(member)) {
            this.#all.delete(channel);
            // Leaving what one is not in is a success too: no answer to it matters.
            if (open && member.status === "in")
                this.#hooks.ask(":leave", channel, () => { });
        }
        else if (open && member.status === "out") {
            member.status = "asked";
            this.#hooks.ask(":join", channel, (outcome) => {
                // It may have been lost, or left, meanwhile. After a break the next `:connect` asks again.
                if (this.#all.get(channel) !== member || member.status !== "asked")
                    return;
                if (!(outcome instanceof SocketError))
                    this.#enter(channel, member, outcome);
                else if (outcome.code !== "disconnected")
                    this.closed(channel, outcome);
            });
        }
    }
}
function tell(member, outcome) {
    for (const waiter of member.waiters.splice(0))
        waiter(outcome);
}
function isWanted(member) {
    return member.byServer || member.holders.size > 0;
}
class Outbox {
    #bounds;
    #queue;
    #connection;
    #timer;
    #pace = { rate: 1, burst: 1 };
    /** What may go out at once, refilled as time passes. */
    #tokens = 0;
    #refilledAt = 0;
    constructor(bounds) {
        this.#bounds = bounds;
        this.#queue = new Queue(bounds);
    }
    /** `now`: or not at all. */
    put(message, now) {
        if (this.#queue.size === 0 && this.#isReady) {
            this.#send(message);
            return "sent";
        }
        if (now || !this.#queue.add(message))
            return "dropped";
        this.#flush();
        return "queued";
    }
    /** Takes a message back that still waits. */
    remove(message) {
        return this.#queue.remove(message);
    }
    /** A connection is there: `first` goes out before what waits. */
    open(connection, first, pace) {
        this.#connection = connection;
        this.#pace = pace;
        this.#tokens = pace.burst;
        this.#refilledAt = this.#bounds.now();
        for (const message of first)
            this.#send(message);
        this.#flush();
    }
    /** There is no connection: everything waits. */
    hold() {
        this.#connection = undefined;
        clearTimeout(this.#timer);
    }
    /** Takes back all that waits. */
    clear() {
        return this.#queue.clear();
    }
    get #isReady() {
        return (this.#connection !== undefined && this.#connection.buffered <= this.#bounds.bufferedBytes);
    }
    #send(message) {
        this.#refill();
        this.#tokens = Math.max(0, this.#tokens - 1);
        this.#connection?.send(message.stamp?.() ?? message.text);
    }
    #refill() {
        const now = this.#bounds.now();
        const more = (Math.max(0, now - this.#refilledAt) * this.#pace.rate) / 1000;
        this.#tokens = Math.min(this.#pace.burst, this.#tokens + more);
        this.#refilledAt = now;
    }
    #flush() {
        clearTimeout(this.#timer);
        if (!this.#connection)
            return;
        this.#refill();
        while (this.#tokens >= 1 && this.#isReady) {
            const message = this.#queue.shift();
            if (!message)
                return;
            this.#send(message);
        }
        if (this.#queue.size === 0)
            return;
        const wait = this.#isReady
            ? Math.ceil(((1 - this.#tokens) * 1000) / this.#pace.rate)
            : this.#bounds.bufferedPoll;
        this.#timer = setTimeout(() => this.#flush(), wait);
    }
}
// -------------------------------------------------------------------------------------------------
// Room: one holder of one channel, what `socket.channel` gives.
class Room {
    name;
    #client;
    constructor(name, client) {
        this.name = name;
        this.#client = client;
    }
    join() {
        return this.#client.memberships.join(this.name, this);
    }
    leave() {
        this.#client.memberships.leave(this.name, this);
    }
    members(options = {}) {
        const { after, limit, ...rest } = options;
        return this.#client.call(this.#command(":members", { after, limit }), rest);
    }
    on(event, handler) {
        // No channel's name holds a space, so the key is its own.
        return this.#client.on(`${event} ${this.name}`, handler);
    }
    onClosed(handler) {
        return this.#client.emitter.on(`:closed ${this.name}`, handler);
    }
    send(cmd, param, options) {
        return this.#client.send(this.#command(cmd, param), options);
    }
    call(cmd, param, options) {
        return this.#client.call(this.#command(cmd, param), options);
    }
    tryCall(cmd, param, options) {
        return this.#client.tryCall(this.#command(cmd, param), options);
    }
    #command(cmd, param) {
        return { cmd, channel: this.name, param };
    }
}
class Client {
    emitter = new Emitter();
    memberships;
    #settings;
    #descriptor;
    #events;
    #calls = new Calls();
    #outbox;
    #life;
    /** Bytes of the largest message that the server takes. */
    #maxMessage = Number.POSITIVE_INFINITY;
    constructor(descriptor, options) {
        this.#settings = settle(options);
        this.#descriptor = descriptor;
        this.#events = new Set([...descriptor.events, "online-update", "presence-update"]);
        this.#outbox = new Outbox(this.#settings);
        this.memberships = new Memberships({
            isOpen: () => this.#life.isOpen,
            ask: (cmd, channel, end) => this.#ask(cmd, channel, undefined, end),
            lost: (channel, error, awaited) => {
                if (this.#emit(`:closed ${channel}`, error) || awaited)
                    return;
                this.#report("channel", `${channel}: ${error.message}`, error);
            },
        });
        this.#life = new Lifecycle(this.#settings, {
            hello: (token, session) => this.#hello(token, session),
            frame: (data) => this.#frame(data),
            welcomed: (connection, welcome) => {
                const { rate, burst } = this.#settings;
                const limits = field(welcome, "limits");
                this.#maxMessage = numberOf(field(limits, "message"), Number.POSITIVE_INFINITY);
                this.#outbox.open(connection, this.#calls.resend(field(welcome, "resumed") === true), {
                    rate: numberOf(field(limits, "rate"), rate) || rate,
                    burst: numberOf(field(limits, "burst"), burst) || burst,
                });
                this.memberships.welcome(field(welcome, "channels"));
            },
            gone: (kept) => {
                this.#outbox.hold();
                this.#calls.broken(kept);
                this.memberships.broken();
            },
            closed: () => {
                const waiting = this.#outbox.clear();
                const unsent = waiting.filter((message) => !isCall(message));
                for (const call of waiting.filter(isCall))
                    call.end(lostCall(false));
                this.#calls.fail();
                this.memberships.fail();
                if (unsent.length > 0)
                    this.#report("queue", `${unsent.length} messages that waited were not sent`);
            },
            changed: (state) => {
                this.#emit(":state", state);
                // A listener may have disconnected.
                if (state.status === "open" && this.state === state)
                    this.#run(options.onOpen);
            },
            report: (source, message) => this.#report(source, message),
            refresh: (token, end) => this.#ask(":refresh", undefined, { token }, end),
        });
        if (options.connect !== false)
            this.connect();
    }
    get state() {
        return this.#life.state;
    }
    subscribe(listener) {
        return this.emitter.on(":state", listener);
    }
    connect() {
        this.#life.connect();
    }
    disconnect() {
        this.#life.close({ kind: "user", message: "disconnect() was called" }, 1000);
    }
    send({ cmd, channel, param }, options = {}) {
        const text = encode(cmd, channel, param, this.#descriptor.codec);
        if (this.state.status === "closed" || this.#isTooLarge(text))
            return "dropped";
        const { key, ttl, volatile } = options;
        const message = {
            text,
            key: key === undefined ? key : JSON.stringify([cmd, channel, key]),
            staleAt: ttl === undefined ? ttl : this.#settings.now() + ttl,
        };
        return this.#outbox.put(message, volatile);
    }
    call(message, options = {}) {
        const { cmd, channel, param } = message;
        const { signal } = options;
        const timeout = Math.min(options.timeout ?? this.#settings.callTimeout, MAX_TIMER);
        const { now } = this.#settings;
        return new Promise((resolve, reject) => {
            const text = encode(cmd, channel, param, this.#descriptor.codec);
            const harmless = cmd === ":members" || this.#descriptor.idempotent.includes(cmd);
            const deadline = now() + timeout;
            const end = (outcome) => {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
                const failed = outcome instanceof SocketError;
                const revived = revive(this.#descriptor.codec, failed ? "error" : "reply", cmd, outcome);
                if (revived instanceof SocketError)
                    reject(revived);
                else
                    resolve(revived);
            };
            const timeLeft = () => Math.max(1, Math.ceil(deadline - now()));
            const call = this.#calls.make(text, harmless ? "always" : "resumed", end, timeLeft);
            const giveUp = () => {
                this.#calls.abandon(call);
                return this.#outbox.remove(call);
            };
            const abort = () => {
                // The server counts a time-out itself; an abort is news to it.
                if (!giveUp() && call.id && this.#life.isOpen) {
                    this.#life.connection?.send(encode(":cancel", undefined, { id: call.id }));
                }
                end(new SocketError("aborted", "the call was aborted", { cause: signal?.reason }));
            };
            const timer = setTimeout(() => {
                giveUp();
                end(new SocketError("timeout", `no answer in ${timeout} ms`));
            }, timeout);
            signal?.addEventListener("abort", abort);
            if (signal?.aborted)
                abort();
            else if (this.state.status === "closed")
                end(lostCall(false));
            else if (this.#isTooLarge(text)) {
                end(new SocketError("too-large", "over the server's limit", {
                    data: { limit: this.#maxMessage },
                }));
            }
            else if (this.#outbox.put(call) === "dropped") {
                end(new SocketError("queue-full", "too much waits for the connection already"));
            }
        });
    }
    tryCall(message, options) {
        return this.call(message, options).then((value) => ({ ok: true, value }), (error) => {
            if (error instanceof SocketError)
                return { ok: false, error };
            throw error;
        });
    }
    on(event, handler) {
        return this.emitter.on(event, handler);
    }
    channel(name) {
        return new Room(name, this);
    }
    /** A command of the protocol's own. It goes ahead of the queue, which may depend on it. */
    #ask(cmd, channel, param, end) {
        const call = this.#calls.make(encode(cmd, channel, param), "never", end);
        this.#life.connection?.send(call.stamp());
    }
    #isTooLarge(text) {
        // A UTF-16 unit is at most three bytes of UTF-8: most messages need no counting.
        return text.length * 3 > this.#maxMessage && byteLength(text) > this.#maxMessage;
    }
    #hello(token, session) {
        const { name, fingerprint } = this.#descriptor;
        const channels = this.memberships.request();
        const param = { token, session, protocol: { name, fingerprint }, channels };
        return withFields(encode(":connect", undefined, param), { id: CONNECT_ID });
    }
    #frame(data) {
        const { connection } = this.#life;
        for (const incoming of decode(data, this.#descriptor.codec)) {
            this.#take(incoming);
            if (this.#life.connection !== connection)
                return;
        }
    }
    #take(incoming) {
        if (incoming.kind === "bad")
            return this.#report("message", `the server sent ${incoming.reason}`);
        if (incoming.kind === "event")
            return this.#event(incoming.channel, incoming.event);
        const outcome = incoming.kind === "reply" ? incoming.param : errorOf(incoming.error);
        if (incoming.re === CONNECT_ID) {
            if (outcome instanceof SocketError)
                this.#life.refused(outcome);
            else
                this.#life.welcome(outcome);
        }
        else if (!this.#calls.answer(incoming.re, outcome)) {
            this.#report("message", `the server answered ${incoming.re}, which nobody asked`);
        }
    }
    #event(channel, event) {
        const { cmd, param } = event;
        switch (cmd) {
            case ":ping":
                return this.#life.pong();
            case ":pong":
                return;
            case ":error": {
                const error = errorOf(param);
                return this.#report("server", error.message, error);
            }
            case ":refresh":
                void this.#life.refresh();
                return;
            case ":joined":
                return this.memberships.joined(channel, param);
            case ":closed":
                return this.memberships.closed(channel, errorOf(field(param, "reason")));
            case ":drain":
                return this.#life.drain(field(param, "after"));
            case "close-connection":
                return this.#life.close({ kind: "asked", message: "the server asked to close" }, 1000);
        }
        if (!this.#events.has(cmd))
            return this.#unknown(event);
        const { connection } = this.#life;
        for (const key of channel ? [cmd, `${cmd} ${channel}`] : [cmd]) {
            for (const handler of this.emitter.of(key)) {
                this.#run(handler, param, event);
                if (this.#life.connection !== connection)
                    return;
            }
        }
        if (!this.#descriptor.events.includes(cmd))
            return;
        this.#emit(":message", event);
        this.#run(this.#settings.onMessage, event);
    }
    #unknown(event) {
        const { onUnknown } = this.#settings;
        if (onUnknown)
            this.#run(onUnknown, event);
        else
            this.#report("message", `an event that this client does not know: ${event.cmd}`);
    }
    /** `false`: nobody listens. */
    #emit(key, value) {
        let heard = false;
        for (const handler of this.emitter.of(key)) {
            heard = true;
            this.#run(handler, value);
        }
        return heard;
    }
    /** Runs a function of the user's. What it throws stops nothing here. */
    #run(run, ...args) {
        try {
            run?.(...args);
        }
        catch (error) {
            this.#report("handler", String(error), error);
        }
    }
    #report(source, message, cause) {
        const code = source === "connection" ? "disconnected" : source;
        const error = cause instanceof SocketError ? cause : new SocketError(code, message, { cause });
        try {
            this.#settings.onError(source, message, error);
        }
        catch (thrown) {
            // Nobody is left to tell but the host, which shows what is thrown outside of everything.
            queueMicrotask(() => {
                throw thrown;
            });
        }
    }
}
/** Makes the class of sockets that speak one protocol. Emitted files call it. */
export function define(descriptor) {
    class Socket extends Client {
        constructor(...args) {
            if (args.length === 1) {
                super(descriptor, args[0]);
                return;
            }
            const [debug, onOpen, onMessage, onError, url] = args;
            super(descriptor, { debug, onOpen, onMessage, onError, url });
        }
    }
    // The client knows no types: from here on the protocol's own stand for it.
    return Socket;
}
/**
 * Every event of the protocol, from the call on, in order. Ends when `signal` says so, when the loop is
 * left, and when the socket is closed for good. It outlives breaks.
 */
export function messages(socket, { channel, signal, max = 1_000 } = {}) {
    const source = socket;
    const unread = [];
    let error;
    let ended = false;
    const waiting = [];
    const wake = () => {
        for (const go of waiting.splice(0))
            go();
    };
    const end = () => {
        ended = true;
        off();
        offState();
        signal?.removeEventListener("abort", end);
        wake();
    };
    const off = source.on(":message", (message) => {
        if (channel !== undefined && message.channel !== channel)
            return;
        if (unread.length < max)
            unread.push(message);
        else {
            error = new SocketError("too-many", `${max} messages wait to be read`, {
                data: { limit: max },
            });
            end();
        }
        wake();
    });
    const offState = source.subscribe(({ status }) => {
        if (status === "closed")
            end();
    });
    signal?.addEventListener("abort", end);
    if (signal?.aborted || socket.state.status === "closed")
        end();
    return {
        async next() {
            while (unread.length === 0 && !ended) {
                await new Promise((resolve) => waiting.push(resolve));
            }
            const value = unread.shift();
            if (value)
                return { done: false, value };
            // Told once, after all that was still in order.
            const failed = error;
            error = undefined;
            if (failed)
                throw failed;
            return { done: true, value: undefined };
        },
        return() {
            unread.length = 0;
            end();
            return Promise.resolve({ done: true, value: undefined });
        },
        [Symbol.asyncIterator]() {
            return this;
        },
    };
}
