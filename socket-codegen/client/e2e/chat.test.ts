// Two people chat, the server dies and comes back, and nobody reloads.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Chat, launch, Person } from "./chat.js";

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
  await ann.joins("no such name");
  await ann.page.locator("#join-error").filter({ hasText: "channel name" }).waitFor();
  expect([...ann.errors, ...ben.errors]).toEqual([]);
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
  await ann.sees("#title", "# attic");
  await ann.page.keyboard.press("Escape");
  await ann.page.locator("#text").focus();
  await ann.page.keyboard.type("typed");
  await ann.page.keyboard.press("Enter");
  await ann.sees("#log", "typed");
  const width = await ann.page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
});
