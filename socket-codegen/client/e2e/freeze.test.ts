// What browsers do to tabs that nobody looks at. Driven by puppeteer, because playwright has every page
// believe that it is looked at, and such a page is never frozen.

import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { CHROMIUM, Chat, FLAGS } from "./chat.ts";
import { Network } from "./network.ts";

let browser: Browser;
let chat: Chat;
let network: Network;
let port: number;

beforeAll(async () => {
  browser = await puppeteer.launch({ executablePath: CHROMIUM, args: FLAGS });
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

/** Waits until a text of the page is, or is not, the one that is named. */
async function sees(page: Page, selector: string, text: string, is = true): Promise<void> {
  await page.waitForFunction(
    (where, what, wanted) =>
      Array.from(document.querySelectorAll(`${where}, ${where} *`)).some(
        (element) => element.textContent?.trim() === what,
      ) === wanted,
    // A page that is not looked at draws no frames to poll by.
    { polling: 100 },
    selector,
    text,
    is,
  );
}

async function says(page: Page, text: string): Promise<void> {
  await page.type("#text", text);
  await page.keyboard.press("Enter");
}

/** Ann's page behind another tab, and frozen. Gives what thaws it and brings it back to the front. */
async function frozen(page: Page): Promise<() => Promise<void>> {
  const moments = await page.evaluateHandle(() => {
    const seen: string[] = [];
    for (const moment of ["freeze", "resume"])
      document.addEventListener(moment, () => seen.push(moment));
    return seen;
  });
  const other = await browser.newPage();
  await other.bringToFront();
  const session = await page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await page.bringToFront();
    await other.close();
    expect(await moments.jsonValue()).toEqual(["freeze", "resume"]);
  };
}

test("a page whose connection died while it was frozen is back soon after it thawed", async () => {
  const ann = await browser.newPage();
  await ann.goto(`http://127.0.0.1:${port}/?user=ann`);
  await sees(ann, "#state", "Connected");
  const thaw = await frozen(ann);
  network.cut();
  await thaw();
  const thawed = Date.now();
  await sees(ann, "#state", "Connected", false);
  expect(Date.now() - thawed).toBeLessThan(3_000);
  network.mend();
  await sees(ann, "#state", "Connected");
  await says(ann, "thawed");
  await sees(ann, "#log", "thawed");
  await ann.close();
});

test("freezing ends a connection, and thawing brings the page back at once", async () => {
  const ben = await browser.newPage();
  await ben.goto(chat.address("/?user=ben"));
  await sees(ben, "#state", "Connected");
  const ann = await browser.newPage();
  await ann.goto(chat.address("/?user=ann"));
  await sees(ann, "#state", "Connected");
  const thaw = await frozen(ann);
  const thawed = Date.now();
  await thaw();
  // Chromium takes a frozen page's WebSocket away, and tells it when it thaws. It goes on with its session,
  // and nobody is told.
  await sees(ann, "#state", "Connected");
  await says(ann, "here again");
  await sees(ben, "#log", "here again");
  expect(Date.now() - thawed).toBeLessThan(6_000);
  await sees(ben, "#members", "ann");
  await sees(ben, "#log", "ann left.", false);
  await Promise.all([ann.close(), ben.close()]);
});
