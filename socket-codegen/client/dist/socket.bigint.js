// Integers of 64 bits and more: text on the wire, `bigint` in the program. Emitted files of protocols that
// say `int = "bigint"` load this one; no other does.
import { reviving } from "./socket.js";
/** The codec of one protocol. */
export function codec(tables) {
    /** A page of history holds events. */
    const past = fields({
        events: list((event) => {
            if (isObject(event))
                event["param"] = apply(tables.event, event["cmd"], event["param"]);
            return event;
        }),
    });
    return {
        replacer: (_key, value) => (typeof value === "bigint" ? value.toString() : value),
        revive: reviving((what, name, value) => name === ":history" ? past(value) : apply(tables[what], name, value)),
    };
}
const DIGITS = /^-?\d+$/;
/** An integer, or `null` where the type says so. */
export const int = (value) => {
    if (value === null)
        return value;
    if (typeof value === "string" && DIGITS.test(value))
        return BigInt(value);
    throw new TypeError(`${JSON.stringify(value)} is not an integer as text`);
};
/** An integer among other texts that are not digits, and among other values. */
export const mixed = (value) => typeof value === "string" && DIGITS.test(value) ? BigInt(value) : value;
/** A field without integers, beside others that a map holds. */
export const keep = (value) => value;
/** Each item of a list. */
export function list(item) {
    return (value) => {
        if (!Array.isArray(value))
            return value;
        for (const [at, one] of value.entries())
            value[at] = item(one);
        return value;
    };
}
/** The items of a list of fixed length, each in its place. */
export function tuple(...items) {
    return (value) => {
        if (!Array.isArray(value))
            return value;
        for (const [at, one] of value.entries())
            value[at] = (items[at] ?? keep)(one);
        return value;
    };
}
/** Fields by name, and what all others hold. */
export function fields(named, others = keep) {
    return (value) => {
        if (!isObject(value))
            return value;
        for (const name of Object.keys(value)) {
            value[name] = (Object.hasOwn(named, name) ? (named[name] ?? keep) : others)(value[name]);
        }
        return value;
    };
}
/** The value of each key. */
export function map(each) {
    return fields({}, each);
}
/** The forms of a union that a field tells apart. A form without integers is not named. */
export function tagged(tag, forms) {
    return (value) => (isObject(value) ? apply(forms, value[tag], value) : value);
}
/** Several at once, for what was put together from several types. */
export function all(...parts) {
    return (value) => parts.reduce((now, part) => part(now), value);
}
function apply(revivers, name, value) {
    if (typeof name !== "string" || !revivers || !Object.hasOwn(revivers, name))
        return value;
    return (revivers[name] ?? keep)(value);
}
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
