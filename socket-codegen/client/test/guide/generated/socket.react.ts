export * from "../../../dist/socket.react.js";
