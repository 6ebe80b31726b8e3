import { Socket } from "./generated/index.js";

/** The one socket of this program. */
export const socket = new Socket({ url: "/socket", connect: typeof document !== "undefined" });
