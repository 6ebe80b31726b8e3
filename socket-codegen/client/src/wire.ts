// Wire: what of the protocol has a number or a name, and how numbers from outside are read.

/** `re` of the answer to `:connect`. Fixed, so that calls sent again keep an increasing id. */
export const CONNECT_ID = 1;

/** What a limit is that nobody set, and in ms what no timer of any engine minds: beyond 24 days they fire at once. */
export const UNLIMITED = 1e9;

export type Fields = { readonly [name: string]: unknown };

/** A number that somebody else chose, where it is one that can be meant. */
export const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === "number" && value >= 0 && value < UNLIMITED ? value : otherwise;
