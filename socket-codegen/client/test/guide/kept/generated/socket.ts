export * from "../../../../dist/socket.js";
