// A family: seats at several prices, by hand and in one tap, and a place for a wheelchair.

import { readFile } from "node:fs/promises";

import { accessible, account, enter, expect, test } from "./fixtures.js";

/** The hall of the guide's example in the place of the demo's first date. */
async function offer(shop) {
  const example = await readFile(new URL("../../examples/catalog/prices.json", import.meta.url), "utf8");
  await shop.admin("POST", "/catalog", JSON.parse(example));
}

test("each seat is held for whom it is, and the ticket says so", async ({ visit, shop }) => {
  await offer(shop);
  const page = await visit();
  await enter(page);
  await page.locator("[data-name=A]").click();
  await page.locator("details.panel summary").click();
  for (const seat of [1, 2]) await page.locator(`[data-seat="${seat}"]`).click();
  const child = page.locator("[data-test=type-2]");
  await expect(child).toHaveAccessibleName(/Seat 2|2번/);
  await child.selectOption("child");
  await expect(page.locator("[data-test=type-2]")).toBeFocused();
  await expect(page.locator("[data-test=hold]")).toContainText("225,000");
  await accessible(page, "prices to choose from");
  await page.locator("[data-test=hold]").click();
  await expect(page.locator("[data-test=seats] li")).toHaveCount(2);
  const { reservations } = await account(page, shop);
  expect(reservations[0].amount).toBe(225_000);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-test=price-type]")).toHaveText(["Adult", "Child, to 12"]);
});

test("a wheelchair place is marked, and held with its companion's seat in one tap", async ({ visit, shop }) => {
  await offer(shop);
  const page = await visit();
  await enter(page);
  await page.locator("[data-name=B]").click();
  await expect(page.locator("[data-test=places]")).toHaveAttribute("aria-pressed", "false");
  await page.locator("details.panel summary").click();
  await expect(page.locator('[data-seat="21"]')).toHaveAccessibleName(/wheelchair place|휠체어석/);
  await page.locator("[data-test=count-child]").selectOption("1");
  await page.locator("[data-test=count-places]").selectOption("1");
  await accessible(page, "wheelchair places");
  await page.locator("[data-test=together-2]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=seats] li")).toHaveCount(2);
  const { reservations } = await account(page, shop);
  expect(reservations[0].seatIds).toEqual([23, 24]);
  expect(reservations[0].amount).toBe(149_000);
});
