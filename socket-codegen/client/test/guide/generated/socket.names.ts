export * from "../../../dist/socket.names.js";
