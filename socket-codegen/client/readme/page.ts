import { Socket } from "./socket/index.js";

const socket = new Socket({ url: "/example/socket?ch=lobby", onGap: () => location.reload() });

socket.send({ cmd: "chatt", param: { text: "hi" } });
socket.send({ cmd: "chat", param: { txt: "hi" } });
const { member } = await socket.call({ cmd: "join-room", param: { room: "garden" } });
document.title = `${member} people in the garden`;
