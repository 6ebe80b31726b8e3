// Plain mode: no generated client, no handshake. Every message has `channel`, `cmd` and `param`.
const channel = new URLSearchParams(location.search).get("ch") ?? "lobby";
const messages = document.querySelector("#messages");
const input = document.querySelector("#chat-input");
let socket;

function connect() {
  const url = new URL(`/example/socket?ch=${encodeURIComponent(channel)}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    const line = document.createElement("div");
    line.textContent = `${message.channel} ${message.cmd}: ${JSON.stringify(message.param)}`;
    messages.append(line);
  };
  socket.onclose = () => setTimeout(connect, 1000);
}

document.querySelector("#chat-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text !== "" && socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ channel, cmd: "chat", param: { text } }));
    input.value = "";
  }
});

connect();
