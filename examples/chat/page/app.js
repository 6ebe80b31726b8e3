// The chat's page: what happens. How it looks is view.js; the client is generated.

import { Room } from "/room.js";
import { Socket } from "/socket/index.js";
import { history, presence } from "/socket/socket.js";
import { view } from "/view.js";

const asked = new URLSearchParams(location.search);
const home = asked.get("ch") || "lobby";
let name = asked.get("user") ?? "";

/** The rooms that this page is in, by name. */
const rooms = new Map();
let current = home;

const socket = new Socket({
  // Asked at every attempt: whoever was given a name keeps it after a break.
  url: () => `/example/socket?${new URLSearchParams({ ch: home, user: name })}`,
  onOpen: opened,
  // What was said while the connection was away comes by itself, unless it was too long ago.
  onGap: ({ channel }) => missed(channel),
  onUnknown: (message) =>
    note(current, `This page does not know the event ${message.cmd}. Reload it.`),
  onError: (source, message) => {
    // The state shows a lost connection; it is no news for a room.
    if (source !== "connection") note(current, message);
  },
});

socket.on("chat", ({ user, text, time }, { channel, at }) => {
  add(channel, { kind: "message", user, text, time, at });
});
socket.on("online-update", ({ connection, userID, name: who, connected, last }, { channel }) => {
  const room = rooms.get(channel);
  if (!room) return;
  if (connected) room.members.set(connection, who ?? userID);
  else room.members.delete(connection);
  if (last) note(channel, `${who ?? userID} ${connected ? "joined" : "left"}.`);
  render();
});

function opened() {
  name = socket.state.user?.name ?? name;
  view.me(name);
  if (!rooms.has(home)) enter(home);
  // Rooms that were joined before the break are joined again by the client; who is in them changed.
  for (const [room, { stale }] of rooms) {
    loadMembers(room);
    if (stale) loadHistory(room);
  }
}

/** Shows a room that this connection is in. The default channel is joined by the upgrade itself. */
function enter(room) {
  if (!rooms.has(room)) {
    const channel = socket.channel(room);
    channel.onClosed((error) => {
      rooms.delete(room);
      current = home;
      note(home, `You are no longer in ${room}: ${error.message}`);
    });
    rooms.set(room, new Room(channel));
    // Who comes in sees what was said. The default channel's is loaded with the others by `opened`.
    if (room !== home) loadHistory(room);
  }
  select(room);
}

async function loadMembers(name) {
  const room = rooms.get(name);
  const answer = await presence(room.channel).catch(({ code, message }) => {
    // After a break `opened` asks again.
    if (code !== "disconnected") note(name, `The members could not be loaded: ${message}`);
  });
  if (!answer) return;
  room.members = new Map(
    answer.members.map(({ connection, user }) => [connection, user?.name ?? ""]),
  );
  render();
}

/** The newest lines, or those above the ones that are there. After a break `opened` tries again. */
async function loadHistory(name, before) {
  const room = rooms.get(name);
  let problem;
  const page = await history(room.channel, { limit: 50, before }).catch((error) => {
    if (error.code !== "disconnected") problem = error.message;
  });
  // A gap that came meanwhile moved the place where older lines go: they are asked for anew.
  if (rooms.get(name) !== room || room.before !== before) return;
  room.problem = problem;
  if (page) room.load(page);
  if (name === current) showLog(room);
  // Until it reaches what was heard before the gap, or its own beginning.
  if (page && room.hasGap && room.hasOlder) loadHistory(name, room.before);
}

/** Says so where the lines would be, and loads what the room still has of them. */
function missed(name) {
  const room = rooms.get(name);
  if (!room) return;
  room.gap("Some messages may be missing here. Loading the messages that the room still has.");
  if (name === current) showLog(room);
  loadHistory(name);
}

function showLog({ entries, hasOlder, before, problem }) {
  const load = () => loadHistory(current, before);
  view.log(entries, hasOlder || problem !== undefined ? load : undefined, problem);
}

function select(room) {
  current = room;
  rooms.get(room).unread = 0;
  view.title(room);
  view.toEnd();
  showLog(rooms.get(room));
  render();
}

function leave(room) {
  rooms.get(room).channel.leave();
  rooms.delete(room);
  select(home);
}

function add(channel, entry) {
  const room = rooms.get(channel);
  if (!room?.add(entry)) return;
  if (channel === current) view.append(entry);
  else if (entry.kind === "message") room.unread++;
  render();
}

function note(channel, text) {
  add(channel, { kind: "note", text });
}

function render() {
  const list = [...rooms].map(([room, { unread }]) => ({
    room,
    unread,
    current: room === current,
    leave: room === home ? undefined : () => leave(room),
    select: () => select(room),
  }));
  view.rooms(list);
  view.members(
    [...(rooms.get(current)?.members.values() ?? [])].sort((a, b) => a.localeCompare(b)),
  );
}

let wasOpen = false;

function showState(state) {
  view.state(state);
  if (state.status === "open") {
    if (wasOpen) note(current, "Reconnected.");
    wasOpen = true;
  }
}

view.onSay((text) => {
  const result = socket.send({ channel: current, cmd: "chat", param: { text } });
  if (result === "queued") note(current, `Waiting for the connection: “${text}”`);
  return result === "dropped" ? "The message could not be sent: the queue is full." : "";
});

view.onJoin(async (room) => {
  const joined = await socket.tryCall({ cmd: "join-room", param: { room } });
  if (!joined.ok) return joined.error.message;
  enter(room);
  loadMembers(room);
  view.write();
  return "";
});

socket.subscribe(showState);
