// Defaults: what holds where the program says nothing else, in ms.

/** Of the option `connectTimeout`. */
export const CONNECT_TIMEOUT = 10_000;

/** Of the option `callTimeout`. */
export const CALL_TIMEOUT = 10_000;
