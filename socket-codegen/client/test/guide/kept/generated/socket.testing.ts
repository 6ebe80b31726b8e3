export * from "../../../../dist/socket.testing.js";
