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
  await expect(page.locator("[data-test=seats] li")).toHaveText([/1.*Adult · ₩150,000/, /2.*Child, to 12 · ₩75,000/]);
  const { reservations } = await account(page, shop);
  expect(reservations[0].amount).toBe(225_000);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-test=price-type]")).toHaveText(["Adult", "Child, to 12"]);
});

for (const [locale, together, more] of [["ko-KR", "연석 4매", /예매/], ["en-US", "4 together", /ticket/]]) {
  test(`a family of four finds seats side by side in one tap, pays once, and has four tickets (${locale})`, async ({ visit, shop }, { project }) => {
    test.skip(project.name !== "phone", "a family stands in line with a phone");
    await offer(shop);
    const page = await visit("/", { locale });
    await enter(page);
    await page.locator("[data-name=A]").click();
    await page.locator("[data-test=count-child]").selectOption("2");
    await page.getByRole("button", { name: together, exact: true }).click();
    const [adult, child] = ["Adult · ₩150,000", "Child, to 12 · ₩75,000"];
    const whom = page.locator("[data-test=price-type]");
    await expect(whom).toHaveText([adult, adult, child, child]);
    await accessible(page, "the till");
    await page.locator("[data-test=charge]").click();
    await page.locator("[data-test=pay]").click();
    await expect(page.locator("[data-test=ticket]")).toHaveCount(4);
    await expect(whom).toHaveText(["Adult", "Adult", "Child, to 12", "Child, to 12"]);
    const { reservations, balance } = await account(page, shop);
    const [{ seatIds, amount }] = reservations;
    expect([reservations.length, amount, balance]).toEqual([1, 450_000, 0]);
    expect(seatIds).toEqual([0, 1, 2, 3].map((after) => seatIds[0] + after));
    await page.locator("#bar nav").getByRole("link", { name: more }).click();
    await expect(page.locator(".card .seat-name")).toHaveText(/\(Adult\), .*\(Adult\), .*\(Child, to 12\), .*\(Child, to 12\)/);
  });
}

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
