// A queue that opens by itself: what is shown before, and what happens when the moment comes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.use({ settings: { "queue.active_limit": 1 } });

const fromNow = (ms) => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;
const countdown = (page) => page.locator("[data-test=countdown]").first();

async function accessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual([]);
}

/** What a countdown shows, in seconds. */
async function shown(page) {
  const [, hours, minutes, seconds] = /(\d\d):(\d\d):(\d\d)$/.exec(await countdown(page).textContent());
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

test("before the pre-queue there is a countdown by the server's clock, a date for the calendar, and no way in", async ({ visit, shop }) => {
  const opensAt = fromNow(2 * HOUR);
  await shop.admin("PATCH", "/queues/default", { prequeueAt: fromNow(HOUR), opensAt });
  const page = await visit();
  const card = page.locator(".card").first();
  await expect(countdown(page)).toBeVisible();
  await expect(card.getByRole("button", { name: /Join|참여$/ })).toHaveCount(0);
  expect(Math.abs((await shown(page)) - 3_600)).toBeLessThan(60);
  await accessible(page);

  // The phone's own clock is an hour off, and nothing depends on it.
  const other = await visit("about:blank");
  await other.clock.install({ time: Date.now() + HOUR });
  await other.goto("/");
  await expect(countdown(other)).toBeVisible();
  await expect(async () => expect(Math.abs((await shown(other)) - 3_600)).toBeLessThan(120)).toPass();

  const downloading = page.waitForEvent("download");
  await card.locator("[data-test=remind]").click();
  const file = readFileSync(await (await downloading).path(), "utf8");
  expect(file).toContain(`DTSTART:${opensAt.replace(/[-:]|\.\d+/g, "")}`);
  expect(file).toMatch(/^BEGIN:VCALENDAR\r\n[^]*BEGIN:VALARM\r\n[^]*END:VCALENDAR\r\n$/);
});

test("who comes too early by a link joins when the pre-queue begins, and stays in over the opening", async ({ visit, shop }) => {
  await shop.admin("PATCH", "/queues/default", { prequeueAt: fromNow(6_000), opensAt: fromNow(HOUR) });
  const page = await visit("/#/wait/default");
  await expect(countdown(page)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Not open yet|시작 전/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/You are in|참여하셨습니다/);
  expect((await shop.queue()).waiting).toBe(1);
  await expect(page.locator("[data-test=position]")).toHaveCount(0);
  const rival = await shop.rival(7);
  expect([rival.queuePosition, rival.estimatedWaitSeconds]).toEqual([0, null]);
  await accessible(page);

  // A screen reader hears how long it is, and not each second.
  const spoken = page.locator(".view [role=status]").first();
  const before = await spoken.textContent();
  await page.waitForTimeout(2_500);
  expect(await spoken.textContent()).toBe(before);

  await shop.admin("PATCH", "/queues/default", { opensAt: fromNow(4_000) });
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
  expect((await rival.call("POST", "/v1/api/queue/token/check")).data.queuePosition).toBe(1);
});

test("in the pre-queue a place is to be had from the start page, and the end is told", async ({ visit, shop }) => {
  await shop.rival(9);
  await shop.admin("PATCH", "/queues/default", { prequeueAt: fromNow(-1_000), opensAt: fromNow(HOUR) });
  const page = await visit();
  await expect(countdown(page)).toBeVisible();
  await page.locator(".card").first().getByRole("button", { name: /^(Join|대기열 참여)/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/You are in|참여하셨습니다/);
  await shop.admin("PATCH", "/queues/default", { prequeueAt: null, opensAt: null });
  await expect(page.locator("[data-test=position]")).toHaveText("1");
  await shop.admin("PATCH", "/queues/default", { closesAt: fromNow(1_500) });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/time is over|시간이 끝났습니다/);
  await page.goto("/#/");
  await expect(page.locator(".card").first()).toContainText(/queue is over|종료되어/);
});

test("an operator sets the times, and reads in words what the queue is", async ({ visit, shop }) => {
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByRole("button", { name: "Open" }).click();
  const card = page.getByRole("region", { name: "Queue default" });
  await expect(card.locator("[data-test=phase]")).toBeHidden();
  await card.getByText("Opens and closes by itself").click();
  await card.getByLabel("Pre-queue from").fill("2020-01-01T09:30");
  await card.getByLabel("Opens").fill("2037-03-01T10:00");
  await card.getByRole("button", { name: "Set times…" }).click();
  await expect(page.locator("dialog")).toContainText("not set");
  await page.locator("dialog").getByRole("button", { name: "Set", exact: true }).click();
  await expect(card.locator("[data-test=phase]")).toContainText("Pre-queue");
  expect((await shop.queue()).phase).toBe("PREQUEUE");
  await accessible(page);
  await card.getByLabel("Pre-queue from").fill("");
  await card.getByLabel("Opens").fill("");
  await card.getByRole("button", { name: "Set times…" }).click();
  await page.locator("dialog").getByRole("button", { name: "Set", exact: true }).click();
  await expect(card.locator("[data-test=phase]")).toBeHidden();
});
