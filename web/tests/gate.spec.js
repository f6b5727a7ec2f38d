// The waiting page before a site, where its queue asks for work.

import { accessible, expect, freePort, test as base } from "./fixtures.js";

const test = base.extend({
  settings: async ({}, use) => {
    const listen = `127.0.0.1:${await freePort()}`;
    await use({
      listen,
      "queue.active_limit": 1,
      "gate.origin": `http://${listen}`,
      "gate.sites.shop.origin": `http://localhost:${await freePort()}`,
      "gate.sites.shop.queue": "default",
    });
  },
});

const work = (shop, proofBits) => shop.admin("PATCH", "/queues/default", { proofBits });

test("a visitor's browser does the work, and has a place", async ({ visit, shop }) => {
  await shop.rival(901);
  await work(shop, 12);
  const page = await visit("/gate/shop?to=/a");
  await expect(page.getByRole("status")).toContainText(/Your place: 1|순번: 1번/);
  expect(page.url()).toContain("&proof=");
  // By itself it looks again without.
  await page.goto("/gate/shop?to=/a");
  await expect(page.getByRole("status")).toContainText(/Your place: 1|순번: 1번/);
});

test("one without workers does it, too, and more of it is no other page", async ({ visit, shop }, info) => {
  await shop.rival(901);
  await work(shop, 24);
  const page = await visit("about:blank");
  await page.goto("/gate/shop?to=/a");
  await expect(page.locator("#person")).toHaveText(/^\d{16}$/);
  await accessible(page, "the work before a site");
  await page.screenshot({ path: info.outputPath("work.png") });
  await work(shop, 10);
  await page.addInitScript(() => delete window.Worker);
  await page.getByRole("link", { name: /Try again|다시 시도/ }).click();
  await expect(page.getByRole("status")).toContainText(/Your place: 1|순번: 1번/);
});

test("without JavaScript it is said what to do, and the desk's place is found", async ({ visit, shop }) => {
  await shop.rival(901);
  await work(shop, 12);
  const page = await visit("/gate/shop?to=/a", { javaScriptEnabled: false });
  await expect(page.locator("main")).toContainText(/allow JavaScript|자바스크립트를 허용/);
  const userId = Number(await page.locator("#person").textContent());
  await shop.admin("POST", "/queues/default/places", { userId });
  await page.getByRole("link", { name: /Try again|다시 시도/ }).click();
  await expect(page.getByRole("status")).toContainText(/Your place: 1|순번: 1번/);
});
