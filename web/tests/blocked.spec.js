// A browser that lets no page keep anything: cookies and site data blocked, in the browser's own settings.

import { mkdirSync, writeFileSync } from "node:fs";
import { whole } from "./browser.js";
import { expect, hold, test as base } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const test = base.extend({
  page: async ({ playwright, contextOptions, baseURL, viewport, hasTouch, isMobile, locale }, use, info) => {
    const profile = info.outputPath("profile");
    mkdirSync(`${profile}/Default`, { recursive: true });
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(`${profile}/Default/Preferences`, JSON.stringify(settings));
    const options = { ...whole, ...contextOptions, baseURL, viewport, hasTouch, isMobile, locale };
    const context = await playwright.chromium.launchPersistentContext(profile, options);
    const errors = [];
    context.on("weberror", (error) => errors.push(String(error.error())));
    await use(await context.newPage());
    await context.close();
    expect(errors).toEqual([]);
  },
});

/** That the browser is as it should be: it is the test's own premise. */
async function isBlocked(page) {
  const name = (work) => page.evaluate(work).catch((error) => /SecurityError/.exec(error.message)?.[0]);
  expect(await name(() => localStorage.length)).toBe("SecurityError");
  expect(await name(() => sessionStorage.length)).toBe("SecurityError");
  expect(await name(() => navigator.locks.request("x", () => 0))).toBe("SecurityError");
}

test("with site data blocked a seat is bought, and the ticket shown, in this tab", async ({ page }) => {
  await page.goto("/");
  await isBlocked(page);
  await hold(page, 7);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await page.locator("[data-test=ticket]").waitFor();
  await expect(page.locator("[data-test=offline-ready]")).toHaveText(/cannot keep|보관할 수 없/);
  await page.goto("/#/mine");
  await expect(page.locator('.card a[href^="#/ticket/"]')).toHaveCount(1);
  await page.locator(".wallet input").fill("30000");
  await page.locator("[data-test=add]").click();
  await expect(page.locator(".wallet strong")).toContainText("30,000");
});

test("with site data blocked an operator gets in, and out", async ({ page, shop }) => {
  await page.goto("/ops?lang=en");
  await isBlocked(page);
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.locator(".live.good")).toBeVisible();
  await page.getByRole("region", { name: "Queue default" }).getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect.poll(async () => (await shop.queue()).mode).toBe("PAUSED");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByLabel("Admin key")).toBeVisible();
});
