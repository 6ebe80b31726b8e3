import { type Descriptor } from "./socket.js";
/** Makes `bigint`s of the texts in a value: in place where it is an object or a list. */
export type Revive = (value: unknown) => unknown;
/** Revivers by name: of a field, a tag, an event. */
export interface Revivers {
    readonly [name: string]: Revive;
}
/** What the messages of a protocol hold. What is not named holds no `bigint`. */
export interface Tables {
    readonly event?: Revivers;
    /** By the command's name, as are the items of its stream and its errors. */
    readonly reply?: Revivers;
    /** Of a stream. */
    readonly item?: Revivers;
    readonly error?: Revivers;
}
/** What a protocol's constant takes of it. */
export type Codec = Required<Pick<Descriptor, "replacer" | "revive">>;
/** The codec of one protocol. */
export declare function codec(tables: Tables): Codec;
/** An integer, or `null` where the type says so. */
export declare const int: Revive;
/** An integer among other texts that are not digits, and among other values. */
export declare const mixed: Revive;
/** A field without integers, beside others that a map holds. */
export declare const keep: Revive;
/** Each item of a list. */
export declare function list(item: Revive): Revive;
/** The items of a list of fixed length, each in its place. */
export declare function tuple(...items: readonly Revive[]): Revive;
/** Fields by name, and what all others hold. */
export declare function fields(named: Revivers, others?: Revive): Revive;
/** The value of each key. */
export declare function map(each: Revive): Revive;
/** The forms of a union that a field tells apart. A form without integers is not named. */
export declare function tagged(tag: string, forms: Revivers): Revive;
/** Several at once, for what was put together from several types. */
export declare function all(...parts: readonly Revive[]): Revive;
