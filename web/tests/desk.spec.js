// The desk: a person's seats, and seats that are kept from the sale.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text as ko } from "../ops/text/ko.js";
import { enter, expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function accessible(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(grave.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual([]);
}

async function open(visit, key = ADMIN_KEY) {
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(key);
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.locator(".live.good")).toBeVisible();
  return page;
}

const desk = (page) => page.getByRole("region", { name: "Desk" });
const seat = (page, id) => page.locator(`.keeping [data-seat="${id}"]`);
const newest = (page) => page.locator(".audit li").first();

/** Says why, and does it. */
async function because(page, reason, verb) {
  const dialog = page.getByRole("dialog");
  if (reason) await dialog.getByLabel(/Reason/).fill(reason);
  await dialog.getByRole("button", { name: verb, exact: true }).click();
}

test("a person is found, and what they hold is released for a reason", async ({ visit, shop }) => {
  const buyer = await shop.rival(4711);
  await buyer.call("POST", "/v1/api/user/amount", { amount: 1_000_000 });
  const bought = await buyer.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 1 });
  const { data } = await buyer.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 2 });
  await buyer.call("POST", "/v1/api/concerts/payment", { reservationId: bought.data.reservationId });
  const { key } = await shop.admin("POST", "/operators", { name: "Dana", role: "DESK" });
  const page = await open(visit, key);
  await desk(page).getByLabel(/User number/).fill("4711");
  await desk(page).getByRole("button", { name: "Find" }).click();
  const list = desk(page).getByRole("list", { name: "Held and bought" });
  await expect(list.locator("li")).toHaveCount(2);
  await expect(list).toContainText("A-1-1 bought");
  await expect(list).toContainText("A-1-2 held");
  await accessible(page, "desk");
  await list.getByRole("button", { name: `Release reservation ${data.reservationId}` }).click();
  await because(page, "Called, wrong seat", "Release");
  await expect(list).toContainText("A-1-2 released");
  await expect(newest(page)).toContainText("Dana");
  await expect(newest(page)).toContainText("reason: Called, wrong seat");
  // What is bought cannot be released; its ticket can be replaced.
  await expect(list.getByRole("button")).toHaveCount(1);
  await list.getByRole("button", { name: `New tickets for reservation ${bought.data.reservationId}` }).click();
  await because(page, "Phone was stolen", "Issue anew");
  await expect(newest(page)).toContainText("Issued tickets anew");
  await expect(newest(page)).toContainText("reason: Phone was stolen");
  // Who never came has nothing, and names are for those who come with an entry token.
  await desk(page).getByLabel(/User number/).fill("99");
  await page.keyboard.press("Enter");
  await expect(desk(page)).toContainText("Nothing is held or bought.");
  await desk(page).getByLabel(/User number/).fill("anna");
  await page.keyboard.press("Enter");
  await expect(desk(page).getByRole("alert").filter({ hasText: "access.users is open" })).toBeVisible();
});

test("seats are held back for a reason, and put on sale again", async ({ visit, shop }) => {
  const rival = await shop.rival(906);
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 4 });
  const page = await open(visit);
  await desk(page).getByLabel("Date").selectOption("1");
  await expect(seat(page, 4)).toHaveAttribute("aria-disabled", "true");
  await seat(page, 1).click();
  await seat(page, 2).click();
  await expect(desk(page)).toContainText("Chosen: 2 free, 0 held back.");
  await accessible(page, "seats of a date");
  await desk(page).getByRole("button", { name: "Hold back…" }).click();
  await because(page, "", "Hold back");
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("Say why");
  await because(page, "Camera", "Hold back");
  await expect(desk(page)).toContainText("Held back: 2.");
  await expect(seat(page, 1)).toHaveAttribute("aria-label", /held back, Camera/);
  await expect(newest(page)).toContainText("Held back schedule 1, seats 1-2");
  await expect(newest(page)).toContainText("reason: Camera");
  // A buyer sees them as sold.
  const buyer = await visit("/");
  await enter(buyer);
  await buyer.locator("details.panel summary").click();
  await expect(buyer.locator('[data-seat="3"]')).toBeVisible();
  await expect(buyer.locator('[data-seat="1"]:not([aria-disabled="true"]):not([disabled])')).toHaveCount(0);

  // Somebody is faster: nothing is done, and it is said.
  await seat(page, 3).click();
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 3 });
  await desk(page).getByRole("button", { name: "Hold back…" }).click();
  await because(page, "Pillar", "Hold back");
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("Somebody holds or bought");
  await page.keyboard.press("Escape");
  await expect(seat(page, 3)).toHaveAttribute("aria-disabled", "true");

  await seat(page, 1).click();
  await desk(page).getByRole("button", { name: "Put on sale…" }).click();
  await because(page, "No camera", "Put on sale");
  await expect(desk(page)).toContainText("On sale again: 1.");
  await expect(newest(page)).toContainText("Put on sale schedule 1, seats 1");
  const { data } = await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 1 });
  expect(data.seatStatus).toBe("TEMP_RESERVED");
});

test("what a key does not open is said", async ({ visit, shop }) => {
  const { key } = await shop.admin("POST", "/operators", { name: "Vic", role: "VIEWER" });
  const page = await open(visit, key);
  await desk(page).getByLabel(/User number/).fill("4711");
  await desk(page).getByRole("button", { name: "Find" }).click();
  await expect(desk(page).getByRole("alert").first()).not.toBeEmpty();
  await desk(page).getByLabel("Date").selectOption("1");
  await seat(page, 1).click();
  await desk(page).getByRole("button", { name: "Hold back…" }).click();
  await because(page, "Camera", "Hold back");
  await expect(page.getByRole("dialog").getByRole("alert")).not.toBeEmpty();
});

test("in Korean, on a phone", async ({ visit }) => {
  const page = await visit("/ops", { locale: "ko-KR", viewport: { width: 390, height: 844 } });
  await page.getByLabel(ko.door.key).fill(ADMIN_KEY);
  await page.getByLabel(ko.door.name).fill("김철수");
  await page.getByRole("button", { name: ko.door.open }).click();
  const own = page.getByRole("region", { name: ko.desk.title });
  await own.getByLabel(ko.keeping.date).selectOption("1");
  await seat(page, 1).click();
  await own.getByRole("button", { name: ko.keeping.withhold }).click();
  await page.getByLabel(ko.levers.reason).fill("카메라");
  await accessible(page, "reason, Korean");
  await page.getByRole("dialog").getByRole("button", { name: ko.keeping.withholdVerb }).click();
  await expect(own).toContainText(ko.keeping.withheld(1));
  // Nothing is wider than the screen.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
