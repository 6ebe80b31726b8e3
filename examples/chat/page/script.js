// No build and no modules: the generated script left the global `Chat` behind.
const query = new URLSearchParams({ ch: "lobby" });
for (const [name, value] of new URLSearchParams(location.search)) query.set(name, value);
const channel = query.get("ch");

const socket = new Chat.Socket({ url: `/example/socket?${query}` });

socket.subscribe(({ status }) => {
  document.getElementById("state").textContent = status;
});

socket.channel(channel).on("chat", ({ user, text }) => {
  const line = document.createElement("p");
  line.textContent = `${user}: ${text}`;
  document.getElementById("log").append(line);
});

document.getElementById("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = document.getElementById("text");
  const said = await socket.tryCall({ channel, cmd: "chat", param: { text: input.value.trim() } });
  if (said.ok) input.value = "";
  input.setCustomValidity(said.ok ? "" : said.error.message);
  input.reportValidity();
});
