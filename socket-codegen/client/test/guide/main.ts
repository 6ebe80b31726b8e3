import { Socket } from "./generated/index.js";

const socket = new Socket({ url: "ws://127.0.0.1:8080/socket" });
socket.on("chat", ({ user, text }) => console.log(`${user}: ${text}`));
await socket.channel("lobby").join();
