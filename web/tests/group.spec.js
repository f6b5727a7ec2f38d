// Several seats at once: chosen together, held all or none, paid in one step.

import { account, choose, enter, expect, hold, test } from "./fixtures.js";

const PRICE = 50_000;

const pressed = (page) => page.locator('[role=grid] [aria-pressed="true"]');

/** The hall, with these seats chosen. */
async function chosen(page, seats) {
  await enter(page);
  for (const seat of seats) await choose(page, seat);
  await expect(pressed(page)).toHaveCount(seats.length);
}

test("a family of four chooses, holds and pays together, and has four tickets", async ({ visit, shop }) => {
  const page = await visit();
  await chosen(page, [12, 13, 14, 15]);
  await expect(page.locator("[data-test=hold]")).toContainText(/4.*200,000/);
  await page.locator("[data-test=hold]").click();
  await expect(page.locator("[data-test=seats] li")).toHaveCount(4);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-test=ticket]")).toHaveCount(4);
  const { balance, reservations } = await account(page, shop);
  expect(balance).toBe(0);
  expect(reservations.map(({ status, seatIds, amount }) => ({ status, seatIds, amount }))).toEqual([
    { status: "RESERVED", seatIds: [12, 13, 14, 15], amount: 4 * PRICE },
  ]);
});

test("a seat that is pressed again is taken off, and more than may be held are not added", async ({ visit, shop }) => {
  const page = await visit();
  await chosen(page, [21, 22, 23, 24]);
  await page.locator('[data-seat="25"]').click();
  await expect(page.locator("[data-test=most]")).toContainText("4");
  await expect(pressed(page)).toHaveCount(4);
  await page.locator('[data-seat="22"]').click();
  await expect(page.locator("[data-test=hold]")).toContainText(/3.*150,000/);
  // With the keyboard: the next one to take off has the focus.
  await page.locator("[data-test=drop-23]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=drop-24]")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=hold]")).toContainText("50,000");
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations.map(({ seatIds }) => seatIds)).toEqual([[21]]);
});

test("what somebody else took is said seat by seat, and the rest stays chosen", async ({ visit, shop }) => {
  const page = await visit();
  // What the page knows of the hall stays as it is: so it is the refusal that tells.
  await chosen(page, [31, 32, 33, 34]);
  await page.route("**/concerts/seat?**", (route) => route.abort());
  const rival = await shop.rival(78);
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seats: [{ seatId: 32 }, { seatId: 34 }] });
  await page.locator("[data-test=hold]").click();
  const taken = page.locator("[data-test=taken]");
  await expect(taken).toContainText(/32|Seat 2|2번/);
  await expect(page.locator("[data-test=chosen] li")).toHaveCount(2);
  for (const seat of [31, 33]) await expect(page.locator(`[data-test=drop-${seat}]`)).toBeVisible();
  expect((await account(page, shop)).reservations).toEqual([]);
  await page.unroute("**/concerts/seat?**");
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations.map(({ seatIds }) => seatIds)).toEqual([[31, 33]]);
});

test("an answer that is lost holds the seats once, whatever the order in which they were chosen", async ({ visit, shop }) => {
  const page = await visit();
  await chosen(page, [42, 41]);
  const keys = [];
  await page.route("**/concerts/reserve", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect(new Set(keys).size).toBe(1);
  expect((await account(page, shop)).reservations.map(({ seatIds }) => seatIds)).toEqual([[41, 42]]);
});

test("all of a hold is given back at once", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 2);
  await page.locator("[data-test=more]").click();
  await choose(page, 3);
  await choose(page, 4);
  await page.locator("[data-test=hold]").click();
  await expect(page.locator("[data-test=seats] li")).toHaveCount(2);
  await page.locator("[data-test=release]").click();
  await page.getByRole("button", { name: /Give them back|반납하기/ }).click();
  await page.locator(".chip").first().waitFor();
  const { reservations } = await account(page, shop);
  expect(reservations.map(({ status }) => status)).toEqual(["CANCELLED", "TEMP_RESERVED"]);
});
