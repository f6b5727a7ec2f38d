// Who is inside and does nothing: the warning, the tap that keeps the place, and what becomes of it without.

import { accessible, choose, enter, expect, hold, test } from "./fixtures.js";

test.use({ settings: { "queue.active_limit": 1, "queue.session_idle": "24s", "hold.ttl": "10m" } });

const warning = (page) => page.locator(".idle");
const keep = (page) => page.locator("[data-test=stay]");
/** When the server ends the session, by what it tells the page's own token. */
const idleAt = async (page, shop) => {
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("onsale.token.default")));
  const { data } = await shop.call("POST", "/v1/api/queue/token/check", { token });
  return data;
};

test("whoever does nothing is warned in time, stays by one tap, and else makes room", async ({ visit, shop }, info) => {
  const page = await visit();
  await enter(page);
  const rival = await shop.rival(901);
  expect(rival.status).toBe("WAITING");
  await expect(warning(page)).toHaveCount(0);
  // The page goes on asking for the seats, and that is nothing that anybody does.
  await expect(warning(page)).toBeVisible();
  await expect(warning(page).locator("p")).toHaveText(/0:0\d|0:1[0-2]/);
  await expect(page.locator("#told[role=alert]")).toHaveText(/still there|아직 계신가요/);
  await accessible(page, "the warning");
  await page.screenshot({ path: info.outputPath("warning.png") });
  const before = await idleAt(page, shop);
  await keep(page).click();
  await expect(warning(page)).toHaveCount(0);
  const after = await idleAt(page, shop);
  expect(Date.parse(after.sessionIdleAt)).toBeGreaterThan(Date.parse(before.sessionIdleAt));
  expect(after.status).toBe("PROGRESS");
  // The second time nobody taps.
  await expect(warning(page)).toBeVisible();
  await expect.poll(async () => (await idleAt(page, shop)).status).toBe("EXPIRED");
  await expect(warning(page)).toHaveCount(0);
  expect((await rival.call("POST", "/v1/api/queue/token/check")).data.status).toBe("PROGRESS");
});

test("whoever looks around says so without a word", async ({ visit, shop }) => {
  const page = await visit();
  await enter(page);
  const first = (await idleAt(page, shop)).sessionIdleAt;
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    await page.keyboard.press("Shift");
    await expect(warning(page)).toHaveCount(0);
    await page.waitForTimeout(1_000);
  }
  const { status, sessionIdleAt } = await idleAt(page, shop);
  expect(status).toBe("PROGRESS");
  expect(Date.parse(sessionIdleAt)).toBeGreaterThan(Date.parse(first) + 20_000);
});

test("whoever holds a seat is not warned, and stays", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 5);
  await expect.poll(async () => (await idleAt(page, shop)).sessionIdleAt).toBeUndefined();
  await page.waitForTimeout(30_000);
  await expect(warning(page)).toHaveCount(0);
  expect((await idleAt(page, shop)).status).toBe("PROGRESS");
});

test.describe("where sessions become longer", () => {
  test.use({ settings: { "queue.active_limit": 1, "queue.session_ttl": "12s", "queue.session_max": "10m" } });

  test("whoever looks around puts the end off, and whoever does not makes room", async ({ visit, shop }) => {
    const page = await visit();
    await enter(page);
    const { sessionExpiresAt, sessionMaxAt } = await idleAt(page, shop);
    expect(Date.parse(sessionMaxAt)).toBeGreaterThan(Date.parse(sessionExpiresAt) + 300_000);
    const end = Date.now() + 18_000;
    while (Date.now() < end) {
      await page.keyboard.press("Shift");
      await page.waitForTimeout(500);
    }
    const later = await idleAt(page, shop);
    expect(later.status).toBe("PROGRESS");
    expect(later.sessionMaxAt).toBe(sessionMaxAt);
    // What the page asks for by itself is nothing that anybody does.
    await expect.poll(async () => (await idleAt(page, shop)).status).toBe("EXPIRED");
  });
});

test.describe("where it is off", () => {
  test.use({ settings: { "queue.active_limit": 1 } });

  test("nothing is said of it", async ({ visit, shop }) => {
    const page = await visit();
    await enter(page);
    await choose(page, 5);
    const { sessionIdleAt, sessionMaxAt } = await idleAt(page, shop);
    expect([sessionIdleAt, sessionMaxAt]).toEqual([undefined, undefined]);
    await expect(warning(page)).toHaveCount(0);
  });
});
