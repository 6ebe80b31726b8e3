// How the chat looks. Everything that people wrote is set as text, never as HTML.

const $ = (id) => document.getElementById(id);

const at = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A round sign for a person, in a colour that goes with the name. */
function face(name) {
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  const sign = element(
    "span",
    { className: "face", ariaHidden: "true" },
    name.slice(0, 1).toUpperCase(),
  );
  sign.style.setProperty("--hue", hue);
  return sign;
}

function lineOf(entry) {
  if (entry.kind !== "message")
    return element("p", { className: `note ${entry.kind}` }, entry.text);
  const time = element(
    "time",
    { dateTime: new Date(entry.time).toISOString() },
    at.format(entry.time),
  );
  return element(
    "div",
    { className: "message" },
    face(entry.user),
    element("p", { className: "who" }, element("strong", {}, entry.user), time),
    element("p", { className: "text" }, entry.text),
  );
}

function roomOf({ room, unread, current, select, leave }) {
  const open = element("button", { type: "button", onclick: select }, `# ${room}`);
  if (unread > 0) {
    const count = element("span", { className: "unread" }, `${unread}`);
    open.append(count, element("span", { className: "hidden" }, " unread"));
  }
  const item = element("li", { className: "room" }, open);
  if (current) open.ariaCurrent = "true";
  if (leave) {
    item.append(
      element(
        "button",
        { type: "button", className: "leave", onclick: leave, ariaLabel: `Leave ${room}` },
        "×",
      ),
    );
  }
  return item;
}

const states = {
  idle: () => "Starting",
  connecting: () => "Connecting…",
  open: () => "Connected",
  waiting: () => "Reconnecting…",
  closed: ({ cause }) => `Closed: ${cause.message}`,
};

/** On a phone's width the panel lies over everything else. */
function togglePanel(open) {
  const hadFocus = $("panel").contains(document.activeElement);
  const isOpen = $("panel").classList.toggle("open", open);
  $("panel-toggle").ariaExpanded = `${isOpen}`;
  document.querySelector("main").inert = isOpen;
  // What had the focus is not there any more.
  if (!isOpen && hadFocus && !$("panel").checkVisibility()) $("panel-toggle").focus();
}

function submitting(form, input, error, act) {
  $(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = $(input).value.trim();
    if (value === "") return;
    const problem = await act(value);
    $(error).textContent = problem;
    if (problem === "") $(input).value = "";
  });
}

export const view = {
  state(state) {
    $("state").dataset.status = state.status;
    $("state-text").textContent = states[state.status](state);
  },
  me(name) {
    $("me").textContent = `You are ${name}.`;
  },
  title(room) {
    $("title").textContent = `# ${room}`;
    document.title = `${room} · Chat`;
  },
  rooms(list) {
    const focused = document.activeElement?.closest?.("#rooms")
      ? document.activeElement.textContent
      : undefined;
    $("rooms").replaceChildren(...list.map(roomOf));
    // The list is made anew; who moves through it with the keyboard stays where they were.
    if (focused)
      [...$("rooms").querySelectorAll("button")]
        .find((one) => one.textContent === focused)
        ?.focus();
  },
  members(names) {
    $("member-count").textContent = names.length > 0 ? `${names.length}` : "";
    $("members").replaceChildren(
      ...names.map((name) => element("li", {}, face(name), element("span", {}, name))),
    );
  },
  write() {
    $("text").focus();
  },
  /** Another room: it is shown from its end. */
  toEnd() {
    $("log").replaceChildren();
    togglePanel(false);
  },
  /** `older` asks for what was said before that, where there may be some; `problem` is why that failed. */
  log(entries, older, problem) {
    const log = $("log");
    // Lines come in above and between: what is being read stays where it is.
    const below = log.scrollHeight - log.scrollTop;
    const hadFocus = document.activeElement?.id === "older";
    const lines = entries.map(lineOf);
    const label = problem === undefined ? "Show older messages" : "Try again";
    if (older)
      lines.unshift(element("button", { type: "button", id: "older", onclick: older }, label));
    if (problem !== undefined) {
      const text = `Older messages could not be loaded: ${problem}`;
      lines.unshift(element("p", { className: "error", role: "alert" }, text));
    }
    log.replaceChildren(...lines);
    log.scrollTop = log.scrollHeight - below;
    if (hadFocus) ($("older") ?? log).focus({ preventScroll: true });
  },
  append(entry) {
    const log = $("log");
    // Who reads further up is left there.
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(lineOf(entry));
    if (atEnd) log.scrollTop = log.scrollHeight;
  },
  onSay: (act) => submitting("say", "text", "say-error", act),
  onJoin: (act) => submitting("join", "room", "join-error", act),
};

$("panel-toggle").addEventListener("click", () => togglePanel());
// Where there is room for both nothing lies over anything.
matchMedia("(min-width: 42rem)").addEventListener("change", () => togglePanel(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") togglePanel(false);
});
