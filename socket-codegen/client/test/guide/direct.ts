import { Socket } from "./generated/index.js";

/** To the server itself, past the dev server: the server must know the page's origin. */
export const socket = new Socket({
  url: import.meta.env.DEV ? "ws://127.0.0.1:8080/socket" : "/socket",
});
