// The chat's main scenario in the other engine.

import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chat } from "./chat.ts";
import { FIREFOX } from "./firefox.ts";

let browser: Browser | undefined;
let chat: Chat;

beforeEach(async () => {
  chat = new Chat();
  await chat.start();
});

afterEach(async () => {
  await browser?.close();
  await chat.kill();
});

async function sees(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    (where, what) =>
      Array.from(document.querySelectorAll(`${where}, ${where} *`)).some(
        (element) => element.textContent?.trim() === what,
      ),
    {},
    selector,
    text,
  );
}

async function says(page: Page, text: string): Promise<void> {
  await page.type("#text", text);
  await page.keyboard.press("Enter");
}

test("two people talk in Firefox, before and after a crash", async () => {
  browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX });
  const errors: unknown[] = [];
  const open = async (user: string) => {
    const page = await (browser as Browser).newPage();
    page.on("pageerror", (error) => errors.push(error));
    await page.goto(chat.address(`/?user=${user}`));
    await sees(page, "#state", "Connected");
    return page;
  };
  const ann = await open("ann");
  const ben = await open("ben");
  await says(ben, "good morning");
  await sees(ann, "#log", "good morning");

  await chat.kill();
  await sees(ann, "#state", "Reconnecting…");
  await sees(ben, "#state", "Reconnecting…");
  await says(ben, "anybody here?");
  await chat.start();
  await sees(ann, "#state", "Connected");
  await sees(ben, "#log", "anybody here?");
  await says(ben, "there you are");
  await sees(ann, "#log", "there you are");
  expect(errors).toEqual([]);
});
