// What the tests are made of: a shop of their own, and buyers in it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { test as base, expect } from "@playwright/test";
import { Shop } from "./shop.js";

export { expect };

export const test = base.extend({
  /** The server's settings. */
  settings: [{}, { option: true }],

  shop: async ({ settings }, use) => {
    const shop = await Shop.open(settings);
    await use(shop);
    await shop.close();
  },

  baseURL: async ({ shop }, use) => use(shop.url),

  /** Opens the page in a browser of its own, and fails the test where the page complains. */
  visit: async ({ browser, contextOptions, baseURL, viewport, hasTouch, isMobile, locale, colorScheme }, use) => {
    const [contexts, complaints] = [[], []];
    const visit = async (path = "/", options = {}) => {
      const context = await browser.newContext({
        ...contextOptions, baseURL, viewport, hasTouch, isMobile, locale, colorScheme, ...options,
      });
      contexts.push(context);
      context.on("weberror", (error) => complaints.push(String(error.error())));
      context.on("console", (message) => {
        // A policy that was broken, or an error of ours; refusals and lost connections are part of the stories.
        if (message.type() === "error" && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
      });
      context.on("request", (request) => {
        if (!request.url().startsWith(baseURL) && !request.url().startsWith("data:")) complaints.push(`asks ${request.url()}`);
      });
      const page = await context.newPage();
      await page.goto(path);
      return page;
    };
    await use(visit);
    await Promise.all(contexts.map((context) => context.close()));
    expect(complaints).toEqual([]);
  },
});

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails where axe finds something serious or critical. */
export async function accessible(page, name) {
  // Through the debugger, which the page's policy does not bind; what the page loads, it binds.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(told).toEqual([]);
}

/** A port that is free: of two each has to know where the other is before either runs. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Joins the queue of a concert from the start page. */
export async function join(page, concert = 0) {
  await page.locator(".card").nth(concert).getByRole("button").click();
  await page.locator("[data-test=position], [data-test=dates]").first().waitFor();
}

/** From the start page to the hall of a schedule; the queue must have room. */
export async function enter(page, schedule = 1) {
  await join(page);
  await page.locator(`[data-test=dates] a[href="#/hall/${schedule}"]`).click();
  await page.locator(".chip").first().waitFor();
}

/** Chooses a seat from the list of the hall's only section. */
export async function choose(page, seat) {
  const list = page.locator("details.panel");
  const button = page.locator(`[data-seat="${seat}"]`);
  // The page may be drawn anew, with the list closed, between any two of these. A second press would take the seat off again.
  const patience = { timeout: 2_000 };
  await expect(async () => {
    if ((await list.getAttribute("open", patience)) === null) await list.locator("summary").click(patience);
    if ((await button.getAttribute("aria-pressed", patience)) !== "true") await button.click(patience);
  }).toPass();
  await page.locator("[data-test=hold]").waitFor();
}

/** From the start page to the pay page of a held seat. */
export async function hold(page, seat) {
  await enter(page);
  await choose(page, seat);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
}

/** What the server knows of the buyer of a page, asked beside the page. */
export async function account(page, shop) {
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("onsale.token.default")));
  const get = async (path) => (await shop.call("GET", path, { token })).data;
  return { balance: (await get("/v1/api/user/amount")).amount, reservations: await get("/v1/api/user/reservations") };
}

/** Where one stands, as the page shows it. */
export const position = async (page) => Number((await page.locator("[data-test=position]").textContent()).replace(/\D/g, ""));
