// The client runtime of socket-codegen: everything that is the same for every protocol.
// Do not edit: it is copied out beside the files that are made from your protocols.
// Sections, in order:
//   Recovery
//   Types
//   Channel
//   State
//   Errors
//   Options
//   Outgoing
//   Wire
//   Core
//   Frames
//   Defaults
//   Untyped
//   Handlers
//   Pace
//   Queue
//   Calls
//   Channels
//   Room
//   Backoff
//   Replies
//   Tokens
//   Wake
//   Silence
//   Incoming
//   Turns
//   Fallbacks
//   Welcome
//   Dial
//   Connection
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
const MOST_QUEUED = 1_000;
/** Bytes that wait for the connection at most. Over as much that the WebSocket holds back, it counts as not open. */
const MOST_BYTES = 2 ** 20;
// -------------------------------------------------------------------------------------------------
// Wire: what of the protocol has a number or a name, and how numbers from outside are read.
/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
const CONNECT_ID = 1;
/** What a limit is that nobody set, and in ms what no timer of any engine minds: beyond 24 days they fire at once. */
const UNLIMITED = 1e9;
/** A number that somebody else chose, where it is one that can be meant. */
const numberOf = (value, otherwise) => typeof value === "number" && value >= 0 && value < UNLIMITED ? value : otherwise;
/** Whether the client is in this state. */
const is = ({ state }, status) => state.status === status;
// -------------------------------------------------------------------------------------------------
// Frames: commands as text, and the text on its way.
/** Whether JSON says of this field what the program does. `given`: before any `toJSON`. */
function isExact(value, given, isItem) {
    // `NaN` and the infinities have no remainder. An integer that was rounded may stand for its neighbours.
    if (typeof value === "number")
        return Number.isSafeInteger(value) || value % 1;
    // An invalid date says `null`. A field may be left out; an item would become `null`.
    if (value == null)
        return value === given && !(isItem && value !== null);
    // A `Map` or a `Set` would become `{}`, and a function or a symbol would be left out.
    return / (Object|Array|String|Boolean)]/.test(toString.call(value));
}
/**
 * A command as text, `cmd` first. Fields without a value are left out. Throws `invalid-param` for what
 * `JSON.stringify` would change or leave out in silence, and for integers that JavaScript itself has rounded.
 */
function encode({ descriptor }, cmd, channel, param, id, timeout) {
    return JSON.stringify({ cmd, channel, param, id, timeout }, function (path, said) {
        const value = descriptor.replacer?.(path, said) ?? said;
        // What the server said itself goes back to it as it is.
        if (cmd === ":connect" || isExact(value, this[path], Array.isArray(this)))
            return value;
        const reason = `JSON cannot hold ${String(value)}`;
        throw new SocketError({
            code: "invalid-param",
            message: `${path}: ${reason}`,
            data: { path, reason },
        });
    });
}
/** What lets whoever reads a console be somebody else: fields of these names, and their texts. */
const SECRETS = /("[^"]*(token|session|password)[^"]*" *: *)"(\\.|[^"\\])*"/gi;
const trace = ({ options }, arrow, data) => {
    // biome-ignore lint/suspicious/noConsole: what the option `debug` asks for
    if (options.debug)
        console.debug(arrow, `${data}`.replace(SECRETS, '$1"***"'));
};
const write = (core, text) => {
    trace(core, "->", text);
    core.ws?.send(text);
};
// -------------------------------------------------------------------------------------------------
// Defaults: what holds where the program says nothing else, in ms.
/** Of the option `connectTimeout`. */
const CONNECT_TIMEOUT = 10_000;
/** Of the option `callTimeout`. */
const CALL_TIMEOUT = 10_000;
// -------------------------------------------------------------------------------------------------
// Handlers: who hears what. A handler may do anything, disconnecting included.
/** Calls the listener whenever this key is told, until taken back. */
function on({ listeners }, key, listener) {
    const entries = listeners.get(key) ?? new Set();
    // Its own object, so that the same function given twice is two listeners with two ends.
    const entry = [listener];
    listeners.set(key, entries.add(entry));
    const off = () => {
        if (entries.delete(entry) && !entries.size)
            listeners.delete(key);
    };
    // Where the engine has no such symbol, nobody asks for what stands there instead.
    off[Symbol.dispose] = off;
    return off;
}
/** The same for an event: its parameters first, then the whole. */
const onEvent = (core, key, handler) => on(core, key, (message) => handler(message.param, message));
/** Runs the listeners of these keys. `false`: nobody listens. */
function tell(core, keys, ...args) {
    const { listeners, state } = core;
    let heard = false;
    for (const key of keys) {
        for (const entry of [...(listeners.get(key) ?? [])]) {
            // Another listener may have taken this one back, or changed the state.
            if (state !== core.state || !listeners.get(key)?.has(entry))
                continue;
            heard = true;
            try {
                entry[0](...args);
            }
            catch (error) {
                report(core, "handler", String(error), error);
            }
        }
    }
    return heard;
}
/** Tells `onError`: asynchronously, so that what that throws surfaces outside of everything. */
async function report({ options }, source, message, cause) {
    // biome-ignore lint/suspicious/noConsole: an error that nobody listens to must not be silent
    const { onError = console.error } = options;
    onError(source, message, cause instanceof SocketError ? cause : new SocketError({ code: source, message, cause }));
}
// -------------------------------------------------------------------------------------------------
// Pace: how fast messages go out, so that the server refuses none for its rate.
/** ms from one message to the next at the server's rate. */
const interval = ({ limits }) => 1_000 / numberOf(limits.rate, UNLIMITED);
/** ms until one more message may go: at once, where it is not above 0. */
function wait(core) {
    const now = core.now();
    // A clock that was set back holds nothing up.
    core.due = Math.min(core.due, now + interval(core));
    return core.due - now;
}
/** One message goes. */
function charge(core) {
    // What goes out evenly may arrive bunched: a fifth of the burst stays in hand for that.
    const lag = numberOf(core.limits.burst, UNLIMITED) * 0.8 * interval(core);
    core.due = Math.max(core.due, core.now() + interval(core) - lag) + interval(core);
}
// -------------------------------------------------------------------------------------------------
// Queue: messages that wait for the connection, in order and bounded, and then those in flight: sent, and
// not answered yet.
/** Sends what is queued, as far as the connection and its pace allow. */
function flush(core) {
    clearTimeout(core.flushTimer);
    core.queued = core.queued.filter(({ until = Infinity }) => until >= core.now());
    while (is(core, "open") && core.queued[0]) {
        // What the WebSocket itself holds back is looked at again after a while.
        const ms = core.ws?.bufferedAmount > MOST_BYTES ? 50 : wait(core);
        if (ms > 0) {
            core.flushTimer = setTimeout(flush, ms, core);
            return;
        }
        const message = core.queued.shift();
        charge(core);
        if (message.end)
            core.inFlight.set(message.id, message);
        write(core, message.text);
    }
}
/** Takes a message out and tells its caller. An answer that still comes is expected. */
function finish(core, message, outcome) {
    core.inFlight.delete(message.id);
    core.queued = core.queued.filter((other) => other !== message);
    message.end?.(outcome);
}
/** Sends a message, or queues it. `volatile`: sends or drops it. */
function put(core, message, volatile) {
    // Without a key it replaces nothing: no two of these are the same.
    const { text, key = {} } = message;
    const { limits } = core;
    message.size = new TextEncoder().encode(text).length;
    const refuse = (code, data) => {
        finish(core, message, new SocketError({ code, data }));
        return "dropped";
    };
    if (is(core, "closed"))
        return refuse("disconnected");
    if (message.size > limits.message)
        return refuse("too-large", { limit: limits.message });
    core.queued.push(message);
    flush(core);
    // It stands last: it is gone once the queue is empty.
    if (!core.queued[0])
        return "sent";
    if (volatile ||
        core.queued.length > MOST_QUEUED ||
        core.queued.reduce((sum, other) => sum + other.size, 0) > MOST_BYTES)
        return refuse("queue-full");
    core.queued = core.queued.filter((other) => other === message || other.key !== key);
    return "queued";
}
/** No connection comes any more: ends all, and gives the number of messages that nobody waits for. */
function end(core) {
    const { queued, inFlight } = core;
    for (const message of [...inFlight.values(), ...queued])
        finish(core, message, new SocketError({ code: "disconnected", sent: inFlight.has(message.id) }));
    return queued.filter((message) => !message.end).length;
}
// -------------------------------------------------------------------------------------------------
// Calls: commands on their way to the server, with or without somebody who waits for the reply.
/** Sends a command of the protocol's own. Without an `end` nobody waits for its answer. */
function ask(core, cmd, channel, param, end) {
    const id = ++core.lastId;
    put(core, { text: encode(core, cmd, channel, param, id), id, end });
}
function send(core, { cmd, channel, param }, { key, ttl = Infinity, volatile } = {}) {
    try {
        return put(core, {
            text: encode(core, cmd, channel, param),
            until: core.now() + ttl,
            // No name holds a space.
            key: key && `${cmd} ${channel} ${key}`,
        }, volatile);
    }
    catch (error) {
        report(core, "send", error.message, error);
        return "dropped";
    }
}
function call(core, { cmd, channel, param }, { timeout = core.options.callTimeout ?? CALL_TIMEOUT, signal, item } = {}) {
    return promiseOf((settle) => {
        const ms = Math.min(timeout, UNLIMITED) | 0;
        const id = ++core.lastId;
        const message = {
            cmd,
            id,
            item,
            text: encode(core, cmd, channel, param, id, ms),
            until: core.now() + ms,
            end(outcome) {
                clearTimeout(timer);
                signal?.removeEventListener("abort", abort);
                settle(outcome);
            },
        };
        const end = (code, cause) => {
            if (core.inFlight.has(id))
                put(core, { text: encode(core, ":cancel", undefined, { id }) });
            finish(core, message, new SocketError({ code, cause }));
        };
        const abort = () => end("aborted", signal?.reason);
        const timer = setTimeout(end, ms, "timeout");
        signal?.addEventListener("abort", abort);
        if (signal?.aborted)
            abort();
        else
            put(core, message);
    });
}
function tryCall(core, command, options) {
    return call(core, command, options).then((value) => ({ ok: true, value }), (error) => ({ ok: false, error }));
}
// -------------------------------------------------------------------------------------------------
// Channels: those that this client is in, or wishes to be in, and what the server says of them.
/** What is known of a channel, from now on. */
function memberOf({ members }, channel) {
    const member = members.get(channel) ?? { rooms: new Set() };
    members.set(channel, member);
    return member;
}
/** Tells the program that events may be missing. */
function missed(core, channel, reason) {
    if (!tell(core, [`:gap ${channel}`, ":onGap"], { channel, reason }) && reason === "gap")
        report(core, "channel", `${channel}: ${reason}`);
}
/** The server let this connection in, and says where the channel stands. */
function joined(core, channel, said) {
    const member = memberOf(core, channel);
    const result = Object(said);
    const { recovery } = result;
    const hasMissed = member.result === null && recovery !== "complete";
    core.descriptor.recovery?.[0](member, result, hasMissed);
    member.result = result;
    tell(core, [`:joined ${channel}`], result);
    if (hasMissed)
        missed(core, channel, recovery === "gap" ? recovery : "no-history");
}
/** The server took this connection out, or did not let it in. */
function expelled(core, channel, error) {
    if (core.members.delete(channel) &&
        !tell(core, [`:joined ${channel}`, `:closed ${channel}`], error))
        report(core, "channel", `${channel}: ${error.message}`, error);
}
/** The server lost events of a channel, and says where it stands now. */
function interrupted(core, channel, said) {
    const member = core.members.get(channel);
    if (!member)
        return;
    core.descriptor.recovery?.[0](member, said, true);
    missed(core, channel, "gap");
}
/** The connection is gone. `forGood`: no other follows. */
function away(core, forGood) {
    for (const [channel, member] of core.members) {
        member.result &&= null;
        if (forGood)
            tell(core, [`:joined ${channel}`], new SocketError({ code: "disconnected" }));
    }
}
// -------------------------------------------------------------------------------------------------
// Room: one holder of one channel: what `socket.channel` gives.
function createRoom(core, name) {
    const { members } = core;
    const room = {
        name,
        join: () => promiseOf((end) => {
            const known = members.get(name);
            const member = memberOf(core, name);
            member.rooms.add(room);
            if (member.result)
                return end(member.result);
            const off = on(core, `:joined ${name}`, (outcome) => {
                off();
                end(outcome);
            });
            // Else `:connect` names it, or did.
            if (!known && core.named)
                ask(core, ":join", name, undefined, (outcome) => {
                    // It may have been left meanwhile.
                    if (!member.rooms.size && members.get(name) !== member)
                        return;
                    members.set(name, member);
                    // Behind a `:closed` this is the server's last word.
                    if (!(outcome instanceof SocketError))
                        joined(core, name, outcome);
                    else if (outcome.code !== "disconnected")
                        expelled(core, name, outcome);
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
                tell(core, [`:joined ${name}`], new SocketError({ code: "aborted" }));
                if (core.named)
                    ask(core, ":leave", name);
            });
        },
        // No channel's name holds a space, so the key is its own.
        on: (event, handler) => onEvent(core, `${event} ${name}`, handler),
        onClosed: (handler) => on(core, `:closed ${name}`, handler),
        onGap: (handler) => on(core, `:gap ${name}`, handler),
        send: (cmd, param, options) => send(core, { cmd, channel: name, param }, options),
        call: (cmd, param, options) => call(core, { cmd, channel: name, param }, options),
        tryCall: (cmd, param, options) => tryCall(core, { cmd, channel: name, param }, options),
    };
    return room;
}
// -------------------------------------------------------------------------------------------------
// Backoff: whether a client comes back after a connection was lost, and when.
/** ms over which clients spread their first reconnect, where the server names none. */
const SPREAD = 2_000;
/** What a close code means. `refusals`: of the token, in a row. */
const kindOf = (closeCode, refusals) => refusals > 1
    ? "unauthorized"
    : closeCode === 4526
        ? "upgrade-required"
        : closeCode >= 4500
            ? "refused"
            : "lost";
/** ms until the next attempt: anywhere in the server's spread at first, which doubles up to 20 s. */
const delayOf = ({ random, welcome, attempt }, closeCode) => random() * Math.min(2e4, numberOf(welcome["spread"], SPREAD) * 2 ** attempt) +
    // Closed for too many messages.
    (closeCode === 4429 ? 3_000 : 0);
// -------------------------------------------------------------------------------------------------
// Replies: how a reply, an error or an item of a stream finds its caller, and which calls outlive a break.
/** Hands a reply to the call in flight that has its `re` as id. */
function reply(core, message) {
    const { re, error, item, param = {} } = message;
    const caller = core.inFlight.get(re);
    if (re !== CONNECT_ID)
        core.patience = 1;
    if (caller && item !== undefined)
        caller.item?.(item);
    else if (caller)
        finish(core, caller, error ? errorOf(error) : param);
    // A call that is over may still be answered.
    else if (!(re > CONNECT_ID && re <= core.lastId))
        report(core, "message", Object(error).message ?? "unknown message", message);
}
/** On a new connection: ends the calls in flight that may not be sent again, and queues the others first. */
function repeat(core, resumed) {
    const { descriptor, inFlight } = core;
    for (const call of inFlight.values()) {
        const { cmd = "", item, until } = call;
        // The protocol's own that programs may call only ask.
        if (item || !(cmd[0] === ":" || descriptor.idempotent.includes(cmd) || (resumed && until)))
            finish(core, call, new SocketError({ code: "disconnected", sent: true }));
    }
    // Some may be queued again since the last time.
    core.queued = [...new Set([...inFlight.values(), ...core.queued])];
    // Else the server goes on counting.
    if (!resumed)
        core.due = 0;
}
// -------------------------------------------------------------------------------------------------
// Tokens: asked of the program at each attempt, and renewed before they run out.
/** A token for this state, where there is a provider. Without one to be had this is over. */
async function tokenFor(core, mine, expired) {
    const { token: provider } = core.options;
    const token = await provider?.({ expired });
    if (core.state === mine && provider && token == null)
        close(core, { kind: "unauthorized", message: "no token" });
    return token;
}
/** The token runs out after so many ms. It is renewed once four fifths of them are over. */
function expire(core, ms) {
    if (core.options.token)
        core.renewAt = core.now() + numberOf(ms, Infinity) * 0.8;
}
/** Asks for a new token and hands it in, on the connection that is open. */
async function refresh(core) {
    const mine = core.state;
    core.renewAt = Infinity;
    try {
        const token = await tokenFor(core, mine, true);
        if (!core.options.token || core.state !== mine)
            return;
        const answer = await promiseOf((end) => ask(core, ":refresh", undefined, { token }, end));
        if (core.state !== mine)
            return;
        expire(core, Object(answer).expires);
        watch(core);
    }
    catch (error) {
        // The old token may still be good. Once it is not, the server closes with 4401.
        if (core.state === mine)
            report(core, "connection", `no token: ${error}`, error);
    }
}
const MOMENTS = ["online", "focus", "pageshow", "visibilitychange", "resume"];
/** Begins or ends to call `wake` at each of them. The same function is never called twice for one. */
function listen(how, wake) {
    for (const place of [globalThis, globalThis.document])
        for (const moment of MOMENTS)
            place?.[how]?.(moment, wake);
}
/** The page woke up. Several events tell of one awakening: it is looked at once a second. */
function wake(core) {
    const now = core.now();
    if (globalThis.document?.hidden)
        return;
    // A clock that was set back holds nothing up.
    core.wakeAt = Math.max(now, Math.min(core.wokeAt, now) + 1_000);
    look(core);
}
/** Comes back, or asks for a sign of life. What the user closed stays closed. */
function probe(core) {
    const now = core.now();
    core.wokeAt = now;
    core.wakeAt = Infinity;
    // The network may be back. A server that closed by itself had its reason: its delay holds.
    if (is(core, "waiting") && [0, 1006].includes(core.state.cause.closeCode))
        start(core);
    // Behind a large message that is on its way no answer could come.
    else if (is(core, "open") && core.allowed < Infinity) {
        write(core, encode(core, ":ping"));
        core.deadline = Math.min(core.deadline, now + 2_500 * core.patience);
    }
}
// -------------------------------------------------------------------------------------------------
// Silence: how long the server may be silent, and one lazy timer for all that is due: frames only move the
// deadline.
/** Allows silence for so many ms from now. */
function allow(core, ms) {
    core.allowed = ms;
    core.deadline = core.now() + ms;
}
/** Looks again when the next of them is due. */
function watch(core) {
    const now = core.now();
    clearTimeout(core.timer);
    // A clock that was set back must not make a dead connection live longer.
    core.deadline = Math.min(core.deadline, now + core.allowed);
    core.timer = setTimeout(look, 
    // After a longer allowance the deadline may come to be an earlier one again.
    Math.min(core.deadline, core.drainAt, core.renewAt, core.wakeAt, now + core.silence) - now, core);
}
/** Does what is due. */
function look(core) {
    const now = core.now();
    if (now < Math.min(core.deadline, core.drainAt)) {
        if (now >= core.wakeAt)
            probe(core);
        if (now >= core.renewAt)
            refresh(core);
        watch(core);
    }
    else if (is(core, "waiting"))
        start(core);
    else
        lost(core, "timeout");
}
// -------------------------------------------------------------------------------------------------
// Incoming: what the server says, and to which part of the client it goes.
/** Takes one message from the server, whatever it holds. */
function hear(core, said) {
    const { descriptor, state } = core;
    const message = Object(descriptor.revive?.(said, core.inFlight) ?? said);
    const { cmd, channel = "", param = {} } = message;
    if (typeof cmd !== "string" || typeof channel !== "string")
        reply(core, message);
    else if (cmd === ":large") {
        // A large message follows, and may take so many ms longer. No frame comes before it.
        core.deadline += numberOf(param?.within, 0);
        core.allowed = Infinity;
    }
    else if (cmd === ":ping")
        write(core, encode(core, ":pong"));
    else if (cmd === ":error")
        report(core, "server", errorOf(param).message, errorOf(param));
    else if (cmd === ":refresh")
        refresh(core);
    else if (cmd === ":joined")
        joined(core, channel, param);
    else if (cmd === ":closed")
        expelled(core, channel, errorOf(param?.reason));
    else if (cmd === ":gap")
        interrupted(core, channel, param);
    else if (cmd === ":drain") {
        const [min, max] = [param?.after].flat();
        const from = numberOf(min, 0);
        core.drainAt = core.now() + from + core.random() * (numberOf(max, from) - from);
        watch(core);
    }
    else if (cmd === "close-connection")
        close(core, { kind: "asked", message: cmd });
    else if (cmd !== ":pong") {
        const isNext = descriptor.recovery?.[1](core.members.get(channel), message, () => missed(core, channel, "gap"));
        // A handler that is told of a gap may have disconnected.
        if (isNext === false || core.state !== state)
            return;
        core.patience = 1;
        message.param = param;
        const isKnown = descriptor.events.includes(cmd);
        // These the protocol itself tells, beside the events of each definition.
        if (isKnown || /^(online|presence)-update$/.test(cmd))
            tell(core, [cmd, `${cmd} ${channel}`, isKnown ? ":onMessage" : ""], message);
        else if (!tell(core, [":onUnknown"], message))
            report(core, "message", "unknown message", message);
    }
}
/** The engines that are not browsers have it. Taken here, before a test puts another in its place. */
const { setImmediate } = globalThis;
/** What runs something in its turn: behind all that this WebSocket handed over before, and never once it is given up. */
function createTurns(core, socket) {
    const queue = [];
    let isTaken;
    const next = () => {
        const run = queue.shift();
        // The turn lasts as long as the task, in which the engine may hand over more.
        isTaken = !socket.inTurn && (queue[0] || (run && setImmediate));
        // In browsers the messages of one frame alone come here, where that is a list.
        if (isTaken)
            (setImmediate ?? setTimeout)(next);
        if (core.ws === socket)
            run?.();
    };
    return (runs) => {
        queue.push(...runs);
        while (queue[0] && !isTaken)
            next();
    };
}
// -------------------------------------------------------------------------------------------------
// Fallbacks: the numbers of a welcome that leaves them out, in ms. The server for tests announces the same.
/** The silence after which the server pings. */
const PING = 25_000;
/** How long the answer to a ping may take. */
const PING_TIMEOUT = 10_000;
// -------------------------------------------------------------------------------------------------
// Welcome: the answer to `:connect`, and what it brings back.
function welcome(core, answer) {
    const { named, members } = core;
    if (answer instanceof SocketError) {
        // The close that follows says what it means.
        core.refused = answer;
        return;
    }
    const { connection, user, ping, timeout, expires, resumed, limits, channels } = Object(answer);
    if (typeof connection !== "string") {
        report(core, "message", "unknown message", answer);
        return;
    }
    core.welcome = answer;
    core.limits = Object(limits);
    core.refusals = 0;
    core.openedAt = core.now();
    repeat(core, resumed);
    expire(core, expires);
    const mine = { status: "open", id: connection, user: user };
    change(core, mine, numberOf(ping, PING) + numberOf(timeout, PING_TIMEOUT));
    for (const [channel, result] of Object.entries(Object(channels))) {
        const { error } = Object(result);
        // A handler may have disconnected.
        if (core.state !== mine)
            return;
        if (error)
            expelled(core, channel, errorOf(error));
        // Else it was left while `:connect` was on its way.
        else if (members.has(channel) || !named?.has(channel))
            joined(core, channel, result);
    }
}
/** Throws where there is no WebSocket, or none that takes the address. */
function dial(core, address, token) {
    // Not every place has a location: a server renders without one, and takes absolute addresses only.
    const { href } = new URL(address, globalThis.location);
    const socket = new (core.options.WebSocket ?? WebSocket)(href.replace(/^http/, "ws"), "socket.v1");
    const take = createTurns(core, socket);
    core.ws = socket;
    socket.onopen = () => {
        const named = new Map(core.members);
        core.named = named;
        const param = {
            token,
            session: core.welcome["session"],
            protocol: core.descriptor.id,
            knows: [":large"],
            channels: Object.fromEntries([...named].map(([name, { since }]) => [name, { since }])),
        };
        const end = (answer) => welcome(core, answer);
        core.inFlight.set(CONNECT_ID, { id: CONNECT_ID, end });
        write(core, encode(core, ":connect", undefined, param, CONNECT_ID));
    };
    socket.onmessage = ({ data }) => {
        trace(core, "<-", data);
        if (is(core, "open"))
            allow(core, core.silence * core.patience);
        let messages = [data];
        try {
            messages = [JSON.parse(data)].flat();
        }
        catch { }
        take(messages.map((message) => () => hear(core, message)));
    };
    socket.onclose = ({ code, reason }) => take([() => lost(core, reason || "closed", code)]);
    // Never fatal by itself: a close follows, and tells more.
    socket.onerror = () => { };
}
// -------------------------------------------------------------------------------------------------
// Connection: when there is one, when the next one, and when none any more. State comes first and callbacks
// last: a handler may do anything, disconnecting included.
/** `ms`: how long until something else must be. A WebSocket takes up to a minute to close: not awaited. */
function change(core, next, ms) {
    const { ws } = core;
    const { cause } = next;
    clearTimeout(core.timer);
    core.client.state = core.state = next;
    const isClosed = is(core, "closed");
    core.silence = ms;
    allow(core, is(core, "open") ? ms * core.patience : ms);
    if (!is(core, "open")) {
        core.drainAt = core.renewAt = core.wakeAt = Infinity;
        core.named = core.refused = undefined;
        // `error` keeps its handler: some implementations throw an error that nobody listens to.
        if (ws)
            ws.onopen = ws.onmessage = ws.onclose = null;
        ws?.close(isClosed ? 1_000 : undefined);
        core.ws = undefined;
        core.queued = core.queued.filter(({ until }) => until);
        away(core, isClosed);
    }
    if (isClosed) {
        const unsent = end(core);
        if (unsent)
            report(core, "queue", `${unsent} not sent`);
    }
    else
        watch(core);
    flush(core);
    tell(core, [":state", is(core, "open") ? ":onOpen" : ""], next);
    // The state says it too: the console need not.
    if (cause && cause.kind !== "user" && core.options.onError)
        report(core, "connection", cause.message);
}
/** Stays away until `start`. */
function close(core, cause) {
    if (is(core, "closed"))
        return;
    core.welcome = {};
    core.attempt = core.refusals = 0;
    listen("removeEventListener", core.wake);
    change(core, { status: "closed", cause }, 0);
}
/** The connection is lost: comes back after a while, if coming back can help. */
function lost(core, message, closeCode = 0) {
    const { refused } = core;
    if (closeCode === 4401)
        core.refusals++;
    const kind = kindOf(closeCode, core.refusals);
    const cause = {
        kind,
        message: refused?.message ?? message,
        closeCode,
        upgrade: refused?.data,
    };
    if (kind !== "lost")
        return close(core, cause);
    // After 5 s that it lasted the next delay is a first one again.
    if (is(core, "open") && core.now() - core.openedAt >= 5_000)
        core.attempt = 0;
    let delay = delayOf(core, closeCode);
    if (core.drainAt < Infinity)
        delay = core.drainAt - core.now();
    // Without a sign of life: nobody sent it away, so it need not wait. What is large may have been on its way:
    // the next connection is given longer for it.
    else if (is(core, "open") && !closeCode) {
        delay = 0;
        core.patience = Math.min(8, core.patience * 2);
    }
    change(core, { status: "waiting", attempt: ++core.attempt, retryAt: core.now() + delay, cause }, delay);
}
/** Connects now. */
async function start(core) {
    const { url, connectTimeout } = core.options;
    const mine = { status: "connecting", attempt: core.attempt };
    let address;
    let token;
    listen("addEventListener", core.wake);
    change(core, mine, numberOf(connectTimeout, CONNECT_TIMEOUT));
    try {
        address = await (typeof url === "function" ? url() : url);
        token = await tokenFor(core, mine, core.refusals > 0);
    }
    catch (error) {
        // A provider that rejects is a break like any other.
        if (core.state === mine)
            lost(core, `${error}`);
    }
    if (core.state !== mine)
        return;
    try {
        dial(core, address, token);
    }
    catch (error) {
        close(core, { kind: "unusable", message: `${error}` });
    }
}
// -------------------------------------------------------------------------------------------------
// Client: ties the parts together to the object that programs hold. It knows names and no types.
/** Makes a client of `client`. */
function createClient(client, descriptor, options) {
    // The deadlines come with the first change of the state.
    const core = {
        client,
        descriptor,
        options,
        now: options.now ?? Date.now,
        random: options.random ?? Math.random,
        listeners: new Map(),
        state: { status: "idle" },
        welcome: {},
        limits: {},
        attempt: 0,
        refusals: 0,
        patience: 1,
        wokeAt: 0,
        wake: () => wake(core),
        queued: [],
        inFlight: new Map(),
        due: 0,
        lastId: CONNECT_ID,
        members: new Map(),
    };
    // Nobody joins these.
    for (const name of descriptor.keeps ?? [])
        memberOf(core, name);
    for (const [name, handler] of Object.entries(options))
        if (handler)
            on(core, `:${name}`, handler);
    const connect = () => {
        if (!is(core, "open") && !is(core, "connecting"))
            start(core);
    };
    const all = {
        state: core.state,
        subscribe(listener) {
            const off = on(core, ":state", listener);
            // At once, as the stores of Svelte do: who listens need not read `state` first.
            listener(core.state);
            return off;
        },
        connect,
        disconnect: () => close(core, { kind: "user", message: "disconnected" }),
        send: (command, options) => send(core, command, options),
        call: (command, options) => call(core, command, options),
        tryCall: (command, options) => tryCall(core, command, options),
        on: (event, handler) => onEvent(core, event, handler),
        channel: (name) => createRoom(core, name),
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
