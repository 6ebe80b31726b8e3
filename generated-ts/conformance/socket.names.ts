// Made by socket-codegen 0.1.0.
// Names of channels, from a pattern and what stands in it. Its own file: who does not import it pays nothing
// for it.

import { SocketError } from "./socket.js";

type Printable = string | number | bigint | boolean;

/** What a pattern leaves open: `{ room: … }` for `"room:{room}"`. */
export type ChannelParams<Pattern extends string> =
  Pattern extends `${string}{${infer Name}}${infer Rest}`
    ? {
        readonly [K in Name extends `*${infer Tail}` ? Tail : Name]: Printable;
      } & ChannelParams<Rest>
    : unknown;

/** The names of a pattern: `` `room:${string}` `` for `"room:{room}"`. */
export type NameOf<Pattern extends string> = Pattern extends `${infer Head}{${string}}${infer Rest}`
  ? `${Head}${string}${NameOf<Rest>}`
  : Pattern;

/**
 * The name of a channel with any text in it: `channelName("room:{room}", { room: "tea & cake" })` is
 * `"room:tea%20%26%20cake"`. The pattern is one of the protocol's `Channels`; a mistake in it makes a
 * name that `channel` and `send` do not take. A parameter written `{*name}` stands as it is.
 *
 * Throws a `SocketError` with the code `invalid-channel` where no channel can have that name: a
 * parameter is empty, or the name is longer than 128 bytes, begins with `:` or holds what names may not.
 */
export function channelName<Pattern extends string>(
  pattern: Pattern,
  params: ChannelParams<Pattern>,
): NameOf<Pattern> {
  const given = params as { readonly [name: string]: Printable };
  const delimiters = pattern.replace(/\{.*?\}/g, "");
  const name = pattern.replace(/\{(\*?)(.*?)\}/g, (_, rest: string, key: string) => {
    const text = String(given[key] ?? "");
    if (text === "") throw invalid(`the parameter ${key} of ${pattern} is empty`);
    if (rest) return text;
    return text.replace(/[^A-Za-z0-9]/gu, (sign) =>
      "_-.:/@#~+=".includes(sign) && !delimiters.includes(sign) ? sign : encoded(sign),
    );
  });
  if (!/^(?!:)[\w\-.:/@#~+=%]{1,128}$/.test(name)) throw invalid(`not a channel's name: ${name}`);
  return name as NameOf<Pattern>;
}

/** Percent-encoded, whatever it is: `encodeURIComponent` leaves some signs alone. */
function encoded(sign: string): string {
  const bytes = [...new TextEncoder().encode(sign)];
  return bytes.map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");
}

function invalid(message: string): SocketError {
  return new SocketError({ code: "invalid-channel", message });
}
