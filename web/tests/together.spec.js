// Seats side by side in one tap, which the engine chooses.

import { account, choose, enter, expect, test } from "./fixtures.js";

/** Rivals hold every fourth seat, so that three are side by side and never four. */
async function crowd(shop) {
  for (const [user, seats] of [[71, [4, 8, 12, 16]], [72, [20, 24, 28, 32]], [73, [36, 40, 44, 48]]]) {
    const rival = await shop.rival(user);
    const held = await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seats: seats.map((seatId) => ({ seatId })) });
    expect(held.status).toBe(200);
  }
}

test("three seats side by side are held in one tap", async ({ visit, shop }) => {
  const page = await visit();
  await enter(page);
  const group = page.getByRole("group", { name: /seats together|나란히 붙은 좌석/ });
  await expect(group.getByRole("button")).toHaveCount(3);
  await group.getByRole("button", { name: /^(3 together|연석 3매)$/ }).click();
  await expect(page.locator("[data-test=seats] li")).toHaveCount(3);
  const { reservations } = await account(page, shop);
  const [{ seatIds, status }] = reservations;
  expect(reservations).toHaveLength(1);
  expect(status).toBe("TEMP_RESERVED");
  expect(seatIds).toEqual([0, 1, 2].map((after) => seatIds[0] + after));
});

test("where so many are not side by side they are had apart, with the keyboard as well", async ({ visit, shop }) => {
  await crowd(shop);
  const page = await visit();
  await enter(page);
  await page.locator("[data-test=together-4]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".sheet [role=alert]")).toContainText(/side by side|나란히 붙은/);
  expect((await account(page, shop)).reservations).toEqual([]);
  await expect(page.locator("[data-test=together-4]")).toBeFocused();
  await page.locator("[data-test=apart]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=seats] li")).toHaveCount(4);
  expect((await account(page, shop)).reservations[0].seatIds).toHaveLength(4);
});

test("an answer that is lost holds the seats once", async ({ visit, shop }) => {
  const page = await visit();
  await enter(page);
  const keys = [];
  await page.route("**/concerts/reserve", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.locator("[data-test=together-2]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect(new Set(keys).size).toBe(1);
  expect((await account(page, shop)).reservations).toHaveLength(1);
});

test("a choice that leaves a single seat is told, and mended in one tap", async ({ visit, shop }) => {
  await shop.admin("PATCH", "/schedules/1", { orphans: "refuse" });
  const page = await visit();
  await enter(page);
  for (const seat of [2, 3]) await choose(page, seat);
  await page.locator("[data-test=hold]").click();
  await expect(page.locator(".sheet [role=alert]")).toContainText(/single seat|한 자리/);
  expect((await account(page, shop)).reservations).toEqual([]);
  // Moved along by one, with the keyboard.
  await page.locator("[data-test=instead]").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=chosen] li")).toHaveCount(2);
  await choose(page, 4);
  await page.locator("[data-test=hold]").click();
  await expect(page.locator(".sheet [role=alert]")).toContainText(/single seat|한 자리/);
  await page.locator("[data-test=take-too]").click();
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations.map(({ seatIds }) => seatIds)).toEqual([[1, 2, 3, 4]]);
});
