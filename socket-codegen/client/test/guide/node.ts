import { WebSocket } from "ws";
import { Socket } from "./generated/index.js";

// Without a page the address is absolute.
const url = process.argv[2] ?? "ws://127.0.0.1:8080/socket";
// Node has a WebSocket of its own from 22 on; before, `npm install ws` and give it.
const socket = new Socket({ url, WebSocket });
const { timestamp } = await socket.call({ cmd: "ping" });
process.stdout.write(`the server's clock says ${new Date(timestamp).toISOString()}\n`);
socket.disconnect();
