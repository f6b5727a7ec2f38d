// Work that a new place takes: done while the buyer looks, in a worker, and nothing that anybody has to wait for.

import { accessible, expect, join, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

test.use({ settings: { "queue.proof_bits": 12 } });

/** What the page sends when it joins. */
async function joining(page) {
  const sent = page.waitForRequest((request) => request.url().endsWith("/v1/api/queue/token"));
  await join(page);
  return JSON.parse((await sent).postData());
}

test("the work is done beside the page before the buyer joins, and is theirs", async ({ visit, shop }) => {
  const page = await visit();
  const worker = page.waitForEvent("worker");
  await page.reload();
  expect((await worker).url()).toContain("prover.js");
  const { userId, proof } = await joining(page);
  expect(proof).toMatch(/^\d+\.[\w-]{22}\.\d+$/);
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
  const other = await shop.call("POST", "/v1/api/queue/token", { body: { userId: userId + 1, proof } });
  expect([other.status, other.code]).toEqual([403, "PROOF_REQUIRED"]);
});

test("a page that comes without it, and one without workers, do it when they are asked", async ({ visit }) => {
  const straight = await visit("/#/wait/default");
  await expect(straight.locator("[data-test=dates] a").first()).toBeVisible();
  const page = await visit("about:blank");
  await page.addInitScript(() => delete window.Worker);
  await page.goto("/");
  expect((await joining(page)).proof).toMatch(/\.\d+$/);
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
});

test("the desk gives a place to somebody whose device cannot", async ({ visit, shop }) => {
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill("Dana");
  await page.getByRole("button", { name: "Open" }).click();
  const desk = page.getByRole("region", { name: "Desk" });
  await desk.getByLabel(/User number/).fill("4711");
  await desk.getByRole("button", { name: "Give a place…" }).click();
  await accessible(page, "giving a place");
  await page.getByRole("dialog").getByRole("button", { name: "Give it", exact: true }).click();
  await expect(desk).toContainText("4711 has a place.");
  await expect(page.locator(".audit li").first()).toContainText("Gave a place to");
  expect((await shop.rival(4711)).status).toBe("PROGRESS");

  const card = page.getByRole("region", { name: "Queue default" });
  await card.getByLabel("Work to join (bits)").fill("");
  await card.getByRole("button", { name: "Change…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Change", exact: true }).click();
  await expect.poll(async () => (await shop.queue()).proofBits).toBe(0);
  expect((await shop.rival(4712)).status).toBe("PROGRESS");
});

test("an operator looks at where people join from", async ({ visit, shop }) => {
  await join(await visit());
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill("Dana");
  await page.getByRole("button", { name: "Open" }).click();
  const arrivals = page.getByRole("region", { name: "Where they join from" });
  await arrivals.locator("summary").click();
  await expect(arrivals.getByRole("status")).toHaveText("1 joined.");
  const top = arrivals.getByRole("table", { name: "The networks with the most" });
  await expect(top.getByRole("row").nth(1)).toHaveText(/^127\.0\.0\.0\/24\s*1\s*1$/);
  await expect(arrivals.getByRole("table", { name: /how many joined/ }).getByRole("row")).toHaveCount(6);
  await accessible(page, "where people join from");
  // Whoever asks for the place again is counted once.
  await shop.admin("PATCH", "/queues/default", { proofBits: 0 });
  const { queueToken } = await shop.rival(7);
  expect((await shop.rival(7)).queueToken).toBe(queueToken);
  await expect(arrivals.getByRole("status")).toHaveText("2 joined.", { timeout: 15_000 });
});
