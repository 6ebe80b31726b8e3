// For engines that have a WebSocket: browsers, Bun, Deno, Node from 22 on.

import { main } from "./main.js";

void main();
