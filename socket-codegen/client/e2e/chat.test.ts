// Two people chat, the server dies and comes back, and nobody reloads.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Chat, launch, Person } from "./chat.js";

const MISSING = "Some messages may be missing here. Loading the messages that the room still has.";

let browser: Browser;
let chat: Chat;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  await chat.kill();
});

test("two people talk, see each other, and chat on after the server was killed", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  await ann.sees("#members", "ben");
  await ben.sees("#members", "ann");

  await ann.says("good morning");
  await ben.sees("#log", "good morning");
  await ben.says("and to you");
  await ann.sees("#log", "and to you");

  await chat.kill();
  await ann.sees("#state", "Reconnecting…");
  await ben.sees("#state", "Reconnecting…");
  // Said while nobody is there to hear it: it waits.
  await ann.says("anybody here?");
  await chat.start();
  await ann.sees("#state", "Connected");
  await ben.sees("#state", "Connected");

  await ann.says("there you are");
  await ben.sees("#log", "there you are");
  await ben.sees("#members", "ann");
  expect(await ann.texts()).toContain("anybody here?");
  // The server's memory is gone: that cannot be made good, and stands where it happened.
  await ben.sees("#log", MISSING);
  const said = await ben.texts();
  expect(said).toEqual([...new Set(said)]);
  expect(said.slice(0, 2)).toEqual(["good morning", "and to you"]);
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("rooms are joined, left, and joined again after a break", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  await ann.joins("garden");
  await ben.joins("garden");
  await ann.sees("#members", "ben");
  await ann.says("only here");
  await ben.sees("#log", "only here");

  await chat.kill();
  await ann.sees("#state", "Reconnecting…");
  await chat.start();
  await ann.sees("#state", "Connected");
  await ben.sees("#state", "Connected");
  await ann.sees("#members", "ben");
  await ann.sees("#title", "# garden");
  await ann.says("still here");
  await ben.sees("#log", "still here");

  await ben.page.getByRole("button", { name: "Leave garden" }).click();
  await ann.sees("#log", "ben left.");
  await ann.asksFor("no such name");
  await ann.page.locator("#join-error").filter({ hasText: "channel name" }).waitFor();
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("who comes in sees what was said, and goes on upwards", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  await ann.joins("garden");
  const said = Array.from({ length: 60 }, (_, number) => `line ${number + 1}`);
  for (const line of said) await ann.says(line);
  await expect.poll(() => ann.texts()).toEqual(said);

  const ben = await Person.open(browser, chat.address("/?user=ben&ch=garden"));
  await expect.poll(() => ben.texts()).toEqual(said.slice(10));
  await ben.page.getByRole("button", { name: "Show older messages" }).click();
  await expect.poll(() => ben.texts()).toEqual(said);
  expect(await ben.page.locator("#older").count()).toBe(0);
  await ann.says("line 61");
  await expect.poll(() => ben.texts()).toEqual([...said, "line 61"]);
  // A room that is entered by its name is shown the same way.
  const cat = await Person.open(browser, chat.address("/?user=cat"));
  await cat.joins("garden");
  await expect.poll(() => cat.texts()).toEqual([...said, "line 61"].slice(11));
  expect([...ann.errors, ...ben.errors, ...cat.errors]).toEqual([]);
});

test("history that cannot be loaded is said so, and asked for again", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  await ann.says("before");
  await ann.sees("#log", "before");

  let refusals = 1;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.routeWebSocket(/example\/socket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const { cmd, id } = JSON.parse(String(text));
      if (cmd !== ":history" || refusals === 0) return server.send(text);
      refusals--;
      const error = { code: "unavailable", message: "the broker cannot be reached" };
      socket.send(JSON.stringify({ re: id, error }));
    });
  });
  await page.goto(chat.address("/?user=ben"));
  const alert = page.locator("#log").getByRole("alert");
  await alert
    .getByText("Older messages could not be loaded: the broker cannot be reached", { exact: true })
    .waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("#log").getByText("before", { exact: true }).waitFor();
  expect(await alert.count()).toBe(0);
  await context.close();
});

test("lines from the history and lines that were heard stand once, in their order", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  // As text: it runs in the page, on the page's own module.
  const shown = await ann.page.evaluate(`import("/room.js").then(({ Room }) => {
    const events = (from, to) =>
      Array.from({ length: to - from + 1 }, (_, i) => ({ at: from + i, param: { text: String(from + i) } }));
    const line = (at) => ({ kind: "message", at, text: String(at) });
    const note = (text) => ({ kind: "note", text });
    const show = ({ entries }) => entries.map(({ text }) => text).join(" ");
    const shown = [];
    const room = new Room();
    room.add(note("in"));
    room.add(line(4));
    room.load({ epoch: "a", events: events(3, 6) });
    for (const at of [5, 6, 7]) room.add(line(at));
    shown.push(show(room));
    room.load({ epoch: "a", events: events(1, 2) });
    shown.push(show(room) + " " + room.hasOlder);
    room.gap("?");
    room.add(line(12));
    room.load({ epoch: "a", events: events(11, 13) });
    room.add(line(13));
    shown.push(show(room));
    room.load({ epoch: "a", events: events(8, 10) });
    shown.push(show(room) + " " + room.hasGap);
    room.gap("?");
    room.add(line(2));
    room.load({ epoch: "b", events: events(1, 3) });
    room.add(line(3));
    shown.push(show(room) + " " + room.hasGap);
    return shown;
  })`);
  expect(shown).toEqual([
    "3 in 4 5 6 7",
    "1 2 3 in 4 5 6 7 false",
    "1 2 3 in 4 5 6 7 ? 11 12 13",
    "1 2 3 in 4 5 6 7 8 9 10 11 12 13 false",
    "1 2 3 in 4 5 6 7 8 9 10 11 12 13 ? 1 2 3 true",
  ]);
});

test("what people write stays text", async () => {
  const hostile = "<img src=x onerror=alert(1)>";
  const ann = await Person.open(
    browser,
    chat.address(`/?${new URLSearchParams({ user: hostile })}`),
  );
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  await ann.says(`${hostile}<script>alert(2)</script>`);
  await ben.sees("#log", `${hostile}<script>alert(2)</script>`);
  await ben.sees("#members", hostile);
  expect(await ben.page.locator("#log img, #members img").count()).toBe(0);
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("a page with nothing but WebSocket joins in", async () => {
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  const plain = await browser.newPage();
  await plain.goto(chat.address("/plain?ch=lobby"));
  await expect.poll(() => ben.page.locator("#member-count").textContent()).toBe("2");
  await plain.locator("#chat-input").fill("from a bare socket");
  await plain.keyboard.press("Enter");
  await ben.sees("#log", "from a bare socket");
  await ben.says("heard you");
  await plain.getByText('"text":"heard you"').waitFor();

  await chat.kill();
  await chat.start();
  await ben.sees("#state", "Connected");
  await expect.poll(() => ben.page.locator("#member-count").textContent()).toBe("2");
});

test("a page of plain scripts chats on after the server was killed", async () => {
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  const ann = await Person.open(browser, chat.address("/script?user=ann"), "open");
  await ann.says("from a script");
  await ben.sees("#log", "from a script");
  await ben.says("heard you");
  await ann.sees("#log", "ben: heard you");
  const globals = await ann.page.evaluate(() =>
    Object.keys((globalThis as { Chat?: object }).Chat ?? {}),
  );
  expect(globals).toEqual(
    expect.arrayContaining(["Socket", "SocketError", "messages", "channelName"]),
  );

  await chat.kill();
  await chat.start();
  await ann.sees("#state", "open");
  await ben.sees("#state", "Connected");
  await ann.says("still here");
  await ben.sees("#log", "still here");
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("the keyboard alone is enough, on a phone's width too", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  await ann.page.setViewportSize({ width: 360, height: 640 });
  await ann.page.locator("#panel-toggle").focus();
  await ann.page.keyboard.press("Enter");
  await ann.joins("attic");
  await ann.page.keyboard.press("Escape");
  await ann.page.locator("#text").focus();
  await ann.page.keyboard.type("typed");
  await ann.page.keyboard.press("Enter");
  await ann.sees("#log", "typed");
  const width = await ann.page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
});
