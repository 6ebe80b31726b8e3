// For Node 20, which has no WebSocket of its own.

import { WebSocket } from "ws";
import { main } from "./main.js";

void main({ WebSocket });
