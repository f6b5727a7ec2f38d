// A server whose machine has another time than its store: holds and sessions end by the store's, and so do the page's clocks.

import { account, expect, hold, test } from "./fixtures.js";

/** Puts a proxy before the page's calls: the machine's clock (`Date`) is `minutes` from the store's, which the answers tell. */
async function apart(page, minutes) {
  await page.context().route("**/v1/**", async (route) => {
    if (/stream/.test(route.request().url())) return route.continue();
    const response = await route.fetch();
    const date = new Date(Date.now() + minutes * 60_000).toUTCString();
    await route.fulfill({ response, headers: { ...response.headers(), date, "onsale-time": String(Date.now()) } });
  });
}

/** What a clock of the page shows, in seconds. */
async function shown(clock) {
  const [, minutes, seconds] = /(\d+):(\d\d)/.exec(await clock.textContent()) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

for (const minutes of [-7, 7]) {
  test(`a hold and a session are counted by the store's time, ${minutes} minutes from the machine's`, async ({ visit, shop }) => {
    const page = await visit();
    await apart(page, minutes);
    // What was learnt of the clocks before is of another machine.
    await page.reload();
    await hold(page, 12);
    const { reservations } = await account(page, shop);
    const until = Date.parse(reservations[0].reservedUntil);
    const off = async (clock, end) => Math.abs((await shown(clock)) - (end - Date.now()) / 1000);
    // The machine may be slow to paint, and never by minutes.
    await expect(async () => expect(await off(page.locator("[data-test=hold-clock]"), until)).toBeLessThan(10)).toPass();
    const session = page.locator("#bar .session");
    const token = await page.evaluate(() => JSON.parse(localStorage.getItem("onsale.token.default")));
    const { data } = await shop.call("POST", "/v1/api/queue/token/check", { token });
    await expect(async () => expect(await off(session, Date.parse(data.sessionExpiresAt))).toBeLessThan(10)).toPass();
  });
}
