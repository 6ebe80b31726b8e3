export * from "../../../dist/socket.validate.js";
