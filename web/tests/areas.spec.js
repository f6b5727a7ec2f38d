// Places to stand: a counter beside the map, in the same hold as seats.

import { readFile } from "node:fs/promises";
import { accessible, account, choose, enter, expect, test } from "./fixtures.js";

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
  await accessible(page, "seats and places to stand");
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

test("a family stands on the floor at its prices, in one hold", async ({ visit, shop }) => {
  const example = await readFile(new URL("../../examples/catalog/areas.json", import.meta.url), "utf8");
  await shop.admin("POST", "/catalog", JSON.parse(example));
  const page = await visit();
  await enter(page);
  const floor = page.getByRole("group", { name: /Floor/ });
  await expect(floor).toContainText(/Adult|성인/);
  // The pit is for adults alone, and has one counter.
  await expect(page.locator("[data-test=more-Pit-child]")).toHaveCount(0);
  await expect(page.locator("[data-test=more-Floor-child]")).toHaveAccessibleName(/Floor.*Child, to 12/);
  for (const name of ["more-Floor", "more-Floor", "more-Floor-child", "more-Floor-child"]) {
    await page.locator(`[data-test=${name}]`).click();
  }
  await expect(page.locator("[data-test=chosen] li")).toHaveText([/Floor.*(Adult|성인) × 2.*120,000/, /Floor.*Child, to 12 × 2.*60,000/]);
  await page.locator("[data-test=more-Pit]").click();
  await expect(page.locator("[data-test=most]")).toContainText("4");
  await accessible(page, "an area at several prices");
  await expect(hold(page)).toContainText(/4.*180,000/);
  await hold(page).click();
  const whom = page.locator("[data-test=price-type]");
  await expect(whom).toHaveText([/60,000/, /60,000/, "Child, to 12 · ₩30,000", "Child, to 12 · ₩30,000"]);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(whom).toHaveText([/^(Adult|성인)$/, /^(Adult|성인)$/, "Child, to 12", "Child, to 12"]);
  expect((await account(page, shop)).reservations[0].amount).toBe(180_000);
  await page.goto("/#/mine");
  await expect(page.locator(".card .seat-name")).toHaveText(/Floor.* \((Adult|성인)\) × 2, .*Floor.* \(Child, to 12\) × 2/);
});

test("an area is called by its own name in each language, from the map to the tickets", async ({ visit, shop, locale }) => {
  const adult = locale === "ko-KR" ? "성인" : "Adult";
  const example = await readFile(new URL("../../examples/catalog/areas.json", import.meta.url), "utf8");
  await shop.admin("POST", "/catalog", JSON.parse(example));
  const page = await visit();
  await enter(page);
  await expect(page.getByRole("group", { name: "Floor", exact: true })).toBeVisible();
  for (const name of ["more-Floor", "more-Floor-child"]) await page.locator(`[data-test=${name}]`).click();
  await expect(page.locator("[data-test=chosen] li")).toHaveText([new RegExp(`^Floor · ${adult} × 1`), /^Floor · Child, to 12 × 1/]);
  await hold(page).click();
  await expect(page.locator("[data-test=seats] li")).toHaveText([/^Floor(?! 구역)/, /^Floor(?! 구역)/]);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-test=price-type]")).toHaveText([adult, "Child, to 12"]);
  await page.goto("/#/mine");
  await expect(page.locator(".card .seat-name")).toHaveText(`Floor (${adult}), Floor (Child, to 12)`);
});

test("of an area that has fewer at several prices, what was chosen last goes first", async ({ visit, shop }) => {
  const example = JSON.parse(await readFile(new URL("../../examples/catalog/areas.json", import.meta.url), "utf8"));
  example.concerts[0].schedules[0].areas = [{ area: "Pit", capacity: 4, amount: 80_000, prices: { child: 1_000 } }];
  await shop.admin("POST", "/catalog", example);
  const page = await visit();
  await enter(page);
  for (const name of ["more-Pit", "more-Pit-child", "more-Pit-child"]) await page.locator(`[data-test=${name}]`).click();
  await page.route("**/concerts/section?**", (route) => route.abort());
  const rival = await shop.rival(78);
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, areas: [{ areaId: "Pit", quantity: 2 }] });
  await hold(page).click();
  await expect(page.locator("[data-test=chosen] li")).toHaveText([/Pit.*(Adult|성인) × 1/, /Pit.*Child, to 12 × 1/]);
  await hold(page).click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations[0].amount).toBe(81_000);
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
