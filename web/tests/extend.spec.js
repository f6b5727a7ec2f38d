// More time for a hold: in its last minute, once, and while nobody waits.

import { expect, hold, test } from "./fixtures.js";

test.use({ settings: { "hold.ttl": "50s", "hold.extend": "2m", "queue.active_limit": 1 } });

const more = (page) => page.locator("[data-test=extend]");
const left = async (page) => {
  const [minutes, seconds] = (await page.locator("[data-test=hold-clock]").textContent()).split(":").map(Number);
  return minutes * 60 + seconds;
};

test("a hold becomes longer once", async ({ visit }) => {
  const page = await visit();
  await hold(page, 5);
  await expect(more(page)).toBeVisible();
  await more(page).click();
  await expect.poll(() => left(page)).toBeGreaterThan(120);
  await expect(more(page)).toHaveCount(0);
  await expect(page.locator("[data-name=extended]")).toBeVisible();
  // It is known after a reload, too.
  await page.reload();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect(await left(page)).toBeGreaterThan(100);
  await expect(more(page)).toHaveCount(0);
});

test("while others wait there is none, and the page says why", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 6);
  await shop.rival(905);
  await more(page).click();
  await expect(page.getByRole("alert").filter({ hasText: /Others are waiting|기다리고 있어/ })).toBeVisible();
  await expect(more(page)).toHaveCount(0);
  expect(await left(page)).toBeLessThan(60);
});

test.describe("where it is off", () => {
  test.use({ settings: { "hold.ttl": "50s" } });

  test("there is no button", async ({ visit }) => {
    const page = await visit();
    await hold(page, 7);
    await expect(page.locator("[data-test=hold-clock]")).toHaveClass(/urgent/);
    await expect(more(page)).toHaveCount(0);
  });
});
