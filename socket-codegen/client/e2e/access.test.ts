// The chat's page for those who use a keyboard or a screen reader, in the colours and widths that it has.

import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Chat, launch, Person } from "./chat.ts";

let browser: Browser;
let chat: Chat;

beforeAll(async () => {
  browser = await launch();
  chat = new Chat();
  await chat.start();
});

afterAll(async () => {
  await browser.close();
  await chat.kill();
});

/** What axe finds, each with where it stands. */
async function findings(page: Page): Promise<string[]> {
  // Not as a script tag, which the page forbids.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

test.each(["light", "dark"] as const)("%s: axe has nothing to say", async (colorScheme) => {
  const ann = await Person.open(browser, chat.address("/?user=ann"));
  const { page } = ann;
  await page.emulateMedia({ colorScheme });
  await ann.joins("garden");
  await ann.says("good morning");
  await ann.sees("#log", "good morning");
  expect(await findings(page)).toEqual([]);
  // The colours of what the mouse is on are others.
  await page.getByRole("button", { name: "# garden", exact: true }).hover();
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 640 });
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "Rooms and people" }).click();
  expect(await findings(page)).toEqual([]);
  expect(ann.errors).toEqual([]);
});

test.each(["/plain?ch=lobby", "/script?user=ann"])("%s: axe has nothing to say", async (path) => {
  const page = await browser.newPage();
  await page.goto(chat.address(path));
  expect(await findings(page)).toEqual([]);
  await page.close();
});

test("on a phone the focus is never on what is not there", async () => {
  const { page } = await Person.open(browser, chat.address("/?user=ann"));
  await page.setViewportSize({ width: 360, height: 640 });
  const toggle = page.getByRole("button", { name: "Rooms and people" });
  const isFocused = () => toggle.evaluate((button) => button === document.activeElement);
  await toggle.click();
  expect(await toggle.getAttribute("aria-expanded")).toBe("true");
  // What lies under the open panel cannot be reached.
  expect(await page.locator("#text").evaluate((input) => input.closest("[inert]") !== null)).toBe(
    true,
  );
  await page.locator("#room").focus();
  await page.keyboard.press("Escape");
  expect(await isFocused()).toBe(true);
  await toggle.click();
  await page.getByRole("button", { name: "# lobby" }).press("Enter");
  expect(await isFocused()).toBe(true);
  expect(await toggle.getAttribute("aria-expanded")).toBe("false");
  await toggle.click();
  await page.setViewportSize({ width: 1200, height: 640 });
  await page.locator("#text").click();
  await page.keyboard.type("typed");
  await page.keyboard.press("Enter");
  await page.locator("#log").getByText("typed").waitFor();
});
