// Places by a draw: what is said before it, and what after.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.use({ settings: { "queue.active_limit": 1 } });

const fromNow = (ms) => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;

async function accessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)).toEqual([]);
}

test("before the opening places are to be drawn, and after it there is one, of how many, and a way to check it", async ({ visit, shop }) => {
  await shop.rival(90);
  await shop.admin("PATCH", "/queues/default", { order: "draw", prequeueAt: fromNow(-1_000), opensAt: fromNow(HOUR) });
  const page = await visit("/#/wait/default");
  await expect(page.getByText(/Places are drawn at the opening|시작할 때 추첨합니다/)).toBeVisible();
  await shop.rival(7);
  await shop.rival(8);
  await accessible(page);
  await shop.admin("PATCH", "/queues/default", { opensAt: fromNow(-1) });
  const drawn = page.locator("[data-test=drawn]");
  await expect(drawn).toContainText(/You drew place [1-3] of 3, with number 1\.|3명 중 [1-3]번 \(참여 번호 1\)/);
  await expect(drawn.getByRole("link")).toHaveAttribute("href", "/docs/draw.md");
  await accessible(page);
});

test("an operator sets the order, and reads the commitment", async ({ visit, shop }) => {
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByRole("button", { name: "Open" }).click();
  const card = page.getByRole("region", { name: "Queue default" });
  await card.getByRole("button", { name: "Draw places at the opening…" }).click();
  await expect(page.locator("dialog")).toContainText("order of joining");
  await page.locator("dialog").getByRole("button", { name: "Change", exact: true }).click();
  await expect(card.locator("[data-test=draw]")).toContainText(/drawn at the opening\. Commitment [0-9a-f]{64}/);
  expect((await shop.queue()).order).toBe("draw");
  await accessible(page);
  await card.getByRole("button", { name: "Places by order of joining…" }).click();
  await page.locator("dialog").getByRole("button", { name: "Change", exact: true }).click();
  await expect(card.locator("[data-test=draw]")).toBeEmpty();
  expect((await shop.queue()).order).toBe("fifo");
});
