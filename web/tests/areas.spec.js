// Places to stand: a counter beside the map, in the same hold as seats.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { account, choose, enter, expect, test } from "./fixtures.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Date 1 with ten seats, and areas behind them. */
async function furnish(shop, sections = [{ section: "A", amount: 50_000, rows: [{ row: "1", seats: 10 }] }]) {
  const { concerts } = (await shop.call("GET", "/v1/catalog")).data;
  const concert = concerts.find(({ schedules }) => schedules.some(({ scheduleId }) => scheduleId === 1));
  const { startsAt, endsAt, zone } = concert.schedules.find(({ scheduleId }) => scheduleId === 1);
  const areas = [{ area: "Floor", capacity: 3_000, amount: 30_000 }, { area: "Pit", capacity: 3, amount: 40_000 }];
  const date = { scheduleId: 1, startsAt, endsAt, zone, areas, ...(sections && { sections }) };
  await shop.admin("POST", "/catalog", { concerts: [{ concertId: concert.concertId, title: concert.title, queue: concert.queue, schedules: [date] }] });
}

const hold = (page) => page.locator("[data-test=hold]");

test("seats and places to stand are chosen, held and named together", async ({ visit, shop }) => {
  await furnish(shop);
  const page = await visit();
  const lists = [];
  page.on("request", (request) => request.url().includes("/concerts/seat?") && lists.push(request.url()));
  await enter(page);
  await choose(page, 1);
  const floor = page.getByRole("group", { name: /Floor/ });
  await expect(floor).toContainText("3,000");
  await page.locator("[data-test=more-Floor]").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(hold(page)).toContainText(/4.*140,000/);
  // Four may be held at once.
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-test=most]")).toContainText("4");
  await page.locator("[data-test=less-Floor]").click();
  await expect(hold(page)).toContainText(/3.*110,000/);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id)).toEqual([]);
  await hold(page).click();
  await expect(page.locator("[data-test=seats] li")).toHaveText([/A.*1/, /Floor/, /Floor/]);
  expect((await account(page, shop)).reservations.map(({ seatIds, amount }) => ({ seatIds, amount }))).toEqual([
    { seatIds: [1, 11, 12], amount: 110_000 },
  ]);
  expect(lists.filter((url) => !url.includes("section=A"))).toEqual([]);
});

test("of an area that has fewer, what is left stays chosen", async ({ visit, shop }) => {
  await furnish(shop);
  const page = await visit();
  await enter(page);
  await page.locator("[data-test=more-Pit]").click();
  await page.locator("[data-test=more-Pit]").click();
  await expect(hold(page)).toContainText(/2.*80,000/);
  // What the page knows of the hall stays as it is: so it is the refusal that tells.
  await page.route("**/concerts/section?**", (route) => route.abort());
  const rival = await shop.rival(78);
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, areas: [{ areaId: "Pit", quantity: 2 }] });
  await hold(page).click();
  await expect(page.locator(".sheet [role=alert]")).toContainText(/not so many places|스탠딩/);
  await expect(page.locator("[data-test=chosen] li")).toHaveText([/Pit.* × 1/]);
  await hold(page).click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations[0].seatIds).toEqual([3_013]);
});

test("a date without a seat has its areas alone", async ({ visit, shop }) => {
  await furnish(shop, null);
  const page = await visit();
  await page.locator(".card").first().getByRole("button").click();
  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await page.locator("[data-test=more-Floor]").click();
  await expect(page.locator(".map-frame")).toBeHidden();
  await hold(page).click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations[0].seatIds).toEqual([1]);
});
