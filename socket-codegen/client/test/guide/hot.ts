import { Socket } from "./generated/index.js";

/** Made once: a module that is loaded again finds the socket of the one before. */
const kept: { socket?: Socket } = import.meta.hot?.data ?? {};
kept.socket ??= new Socket({ url: "/socket" });
export const socket = kept.socket;
