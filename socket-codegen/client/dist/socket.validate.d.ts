import { type Descriptor } from "./socket.js";
/** Where a value stands, from the message's root. */
export type Path = readonly (string | number)[];
/** What is wrong with a value, and where. */
export interface Issue {
    readonly message: string;
    readonly path: Path;
}
/** The value, typed; or what is wrong with it. */
export type Result<T> = {
    readonly value: T;
    readonly issues?: undefined;
} | {
    readonly issues: readonly Issue[];
};
/** A Standard Schema: what form libraries and tRPC-like tools take, and what calls you can make. */
export interface Validator<T> {
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: "socket-codegen";
        readonly validate: (value: unknown) => Result<T>;
        readonly types?: {
            readonly input: T;
            readonly output: T;
        } | undefined;
    };
}
/** The validators of what a protocol receives, by the names of its messages. */
export interface Checks {
    readonly event?: ByName;
    /** By the command's name, as are the items of its stream. */
    readonly reply?: ByName;
    readonly item?: ByName;
}
interface ByName {
    readonly [name: string]: Validator<unknown>;
}
/**
 * A protocol whose sockets check what they receive: `define<Protocol>(checked(protocol, checks))`. An event
 * that breaks its type goes to `onError` instead of your handlers, with what is wrong and where; a reply
 * ends its call with a `SocketError` whose code is `message`. Errors are not checked: a newer server may
 * have codes that this page does not know.
 */
export declare function checked(protocol: Descriptor, checks: Checks): Descriptor;
type Named = {
    readonly [name: string]: Schema;
};
/** A JSON Schema, its references resolved by calling them. */
export type Schema = boolean | {
    readonly $ref?: () => Schema;
    readonly type?: string | readonly string[];
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
    readonly properties?: Named;
    readonly patternProperties?: Named;
    readonly additionalProperties?: Schema;
    readonly propertyNames?: Schema;
    readonly required?: readonly string[];
    readonly minProperties?: number;
    readonly maxProperties?: number;
    readonly items?: Schema;
    readonly prefixItems?: readonly Schema[];
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly uniqueItems?: boolean;
    readonly anyOf?: readonly Schema[];
    readonly oneOf?: readonly Schema[];
    readonly allOf?: readonly Schema[];
    readonly not?: Schema;
    readonly minimum?: number | bigint;
    readonly maximum?: number | bigint;
    readonly exclusiveMinimum?: number | bigint;
    readonly exclusiveMaximum?: number | bigint;
    readonly multipleOf?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly pattern?: string;
};
/** The validator of a schema. */
export declare function validator<T>(schema: Schema): Validator<T>;
export {};
