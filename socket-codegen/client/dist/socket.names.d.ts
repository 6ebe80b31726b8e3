type Printable = string | number | bigint | boolean;
/** What a pattern leaves open: `{ room: … }` for `"room:{room}"`. */
export type ChannelParams<Pattern extends string> = Pattern extends `${string}{${infer Name}}${infer Rest}` ? {
    readonly [K in Name extends `*${infer Tail}` ? Tail : Name]: Printable;
} & ChannelParams<Rest> : unknown;
/** The names of a pattern: `` `room:${string}` `` for `"room:{room}"`. */
export type NameOf<Pattern extends string> = Pattern extends `${infer Head}{${string}}${infer Rest}` ? `${Head}${string}${NameOf<Rest>}` : Pattern;
/**
 * The name of a channel with any text in it: `channelName("room:{room}", { room: "tea & cake" })` is
 * `"room:tea%20%26%20cake"`. The pattern is one of the protocol's `Channels`; a mistake in it makes a
 * name that `channel` and `send` do not take. A parameter written `{*name}` stands as it is.
 *
 * Throws a `SocketError` with the code `invalid-channel` where no channel can have that name: a
 * parameter is empty, or the name is longer than 128 bytes, begins with `:` or holds what names may not.
 */
export declare function channelName<Pattern extends string>(pattern: Pattern, params: ChannelParams<Pattern>): NameOf<Pattern>;
export {};
