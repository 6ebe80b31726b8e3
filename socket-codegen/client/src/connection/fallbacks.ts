// Fallbacks: the numbers of a welcome that leaves them out, in ms. The server for tests announces the same.

/** The silence after which the server pings. */
export const PING = 25_000;

/** How long the answer to a ping may take. */
export const PING_TIMEOUT = 10_000;
