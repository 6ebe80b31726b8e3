import { type Protocol, protocol } from "./generated/chat.js";
import { checks } from "./generated/chat.validate.js";
import { define } from "./generated/socket.js";
import { checked } from "./generated/socket.validate.js";

/** As the generated `Socket`, but nothing that breaks its type reaches the program. */
export const Socket = define<Protocol>(checked(protocol, checks));
