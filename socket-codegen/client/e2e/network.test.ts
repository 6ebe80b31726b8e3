// What networks and browsers do to a page: go silent, go offline, put it away and take it out again.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Chat, launch, Person } from "./chat.ts";
import { Network } from "./network.ts";

let browser: Browser;
let chat: Chat;
let network: Network;
let port: number;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  chat = new Chat();
  await chat.start();
  network = new Network(new URL(chat.address("/")));
  port = await network.listen();
});

afterEach(async () => {
  network.close();
  await chat.kill();
});

test("a connection that died in silence is noticed within 3 s of the page waking up", async () => {
  const ann = await Person.open(browser, `http://127.0.0.1:${port}/?user=ann`);
  network.cut();
  await ann.page.context().setOffline(true);
  // A page that has not noticed yet would not be told that it is back.
  await ann.page.waitForFunction(() => !navigator.onLine);
  const woken = Date.now();
  await ann.page.context().setOffline(false);
  // The first attempt after it may begin at once, so what the state says next is not known.
  await ann.page.locator("#state").filter({ hasNotText: "Connected" }).waitFor();
  expect(Date.now() - woken).toBeLessThan(3_000);
  network.mend();
  await ann.sees("#state", "Connected");
  await ann.says("alive again");
  await ann.sees("#log", "alive again");
  expect(ann.errors).toEqual([]);
});

test("a page that was offline while the server restarted is back soon after", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  await ann.page.context().setOffline(true);
  await chat.kill();
  await ann.sees("#state", "Reconnecting…");
  await ann.says("said offline");
  await chat.start();
  const online = Date.now();
  await ann.page.context().setOffline(false);
  await ann.sees("#state", "Connected");
  expect(Date.now() - online).toBeLessThan(3_000);
  await ann.sees("#log", "said offline");
  expect(ann.errors).toEqual([]);
});

test("Back brings the page out of the cache, and its socket to life", async () => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  const ben = await Person.open(browser, chat.address("/?user=ben"));
  await ann.page.evaluate(() => {
    document.title = "as it was left";
  });
  await ann.page.goto(chat.address("/plain?ch=elsewhere"));
  const back = Date.now();
  // No `load` comes: nothing is loaded.
  await ann.page.goBack({ waitUntil: "commit" });
  expect(await ann.page.title()).toBe("as it was left");
  await ann.sees("#state", "Connected");
  expect(Date.now() - back).toBeLessThan(6_000);
  await ann.says("here again");
  await ben.sees("#log", "here again");
  await ben.sees("#members", "ann");
  // A page that is left for a moment goes on with its session, and nobody is told.
  expect(await ben.page.textContent("#log")).not.toContain("ann left.");
  expect([...ann.errors, ...ben.errors]).toEqual([]);
});

test("what was said while the network was away is whole and in order, in both tabs", async () => {
  const ann = await Person.open(browser, `http://127.0.0.1:${port}/?user=ann`);
  const ben = await Person.open(browser, `http://127.0.0.1:${port}/?user=ben`);
  // One who is not behind that network.
  const eve = await Person.open(browser, chat.address("/?user=eve"));
  const both = [ann, ben];
  const said: string[] = [];
  const say = async (person: Person, text: string) => {
    said.push(text);
    await person.says(text);
    await eve.sees("#log", text);
  };
  await say(ann, "before");
  for (const person of both) await person.sees("#log", "before");
  network.cut();
  for (let n = 1; n <= 20; n++) await say(eve, `meanwhile ${n}`);
  // Nothing closes and nothing comes: the pages find out when they wake up.
  for (const { page } of both) await page.context().setOffline(true);
  network.mend();
  for (const { page } of both) await page.context().setOffline(false);
  for (const person of both) await person.sees("#log", "meanwhile 20");
  await say(ben, "after");
  for (const person of [...both, eve]) {
    await person.sees("#log", "after");
    const lines = await person.page.locator("#log .text").allTextContents();
    expect(lines).toEqual(said);
    expect(person.errors).toEqual([]);
  }
});
