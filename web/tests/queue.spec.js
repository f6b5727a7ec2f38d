// Waiting: what happens to a place.

import { enter, expect, join, position, test } from "./fixtures.js";

test.use({ settings: { "queue.active_limit": 1 } });

/** One inside and two before the buyer. */
async function crowd(shop) {
  const inside = await shop.rival(1);
  const before = [await shop.rival(2), await shop.rival(3)];
  return { inside, before };
}

test("a place survives a reload, a closed tab and a second tab, and only falls", async ({ visit, shop }) => {
  const { before } = await crowd(shop);
  const page = await visit();
  await join(page);
  expect(await position(page)).toBe(3);
  await page.reload();
  await expect(page.locator("[data-test=position]")).toHaveText("3");

  const context = page.context();
  await page.close();
  await before[0].leave();
  const again = await context.newPage();
  await again.goto("/");
  await again.locator(".card a.button").first().click();
  await expect(again.locator("[data-test=position]")).toHaveText("2");

  const second = await context.newPage();
  await second.goto("/#/wait/default");
  await expect(second.locator("[data-test=position]")).toHaveText("2");
  expect((await shop.queue()).waiting).toBe(2);
});

test("the turn comes: title, dates and the session's clock", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  await join(page);
  await expect(page).toHaveTitle(/3/);
  for (const rival of [...before, inside]) await rival.leave();
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
  await expect(page.locator("#bar .session")).toHaveText(/^(10:00|9:\d\d)$/);
  await expect(page).toHaveTitle(/!|입장/);
  // Whoever listens instead of looking is told, and goes on from there.
  await expect(page.locator("#told[role=alert]")).toHaveText(/your turn|차례/);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("the turn takes the focus from nobody who is somewhere else", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  await join(page);
  const language = page.locator("#foot button");
  await language.focus();
  for (const rival of [...before, inside]) await rival.leave();
  await expect(page.locator("#told")).toHaveText(/your turn|차례/);
  await expect(language).toBeFocused();
});

test("a tab that was frozen at its turn wakes inside, with the time that is really left", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  await join(page);
  const control = await page.context().newCDPSession(page);
  await control.send("Page.setWebLifecycleState", { state: "frozen" });
  for (const rival of [...before, inside]) await rival.leave();
  await expect.poll(async () => (await shop.queue()).waiting).toBe(0);
  await control.send("Page.setWebLifecycleState", { state: "active" });
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("onsale.token.default")));
  const { data } = await shop.call("POST", "/v1/api/queue/token/check", { token });
  const clock = page.locator("#bar .session");
  await expect(clock).toHaveText(/^\d+:\d\d$/);
  const shown = await clock.textContent();
  const [minutes, seconds] = shown.split(":").map(Number);
  const left = (Date.parse(data.sessionExpiresAt) - Date.now()) / 1000;
  expect(Math.abs(minutes * 60 + seconds - left)).toBeLessThan(10);
});

test("who was away when the turn came is next when they come back", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  await join(page);
  const context = page.context();
  await page.close();
  for (const rival of [...before, inside]) await rival.leave();
  const back = await context.newPage();
  await back.goto("/#/wait/default");
  await expect(back.locator("[data-test=dates] a").first()).toBeVisible();
});

test("without a connection the page says so, keeps the place, and goes on by itself", async ({ visit, shop }) => {
  const { before } = await crowd(shop);
  const page = await visit();
  await join(page);
  await page.context().setOffline(true);
  await expect(page.locator("[data-name=offline]")).toBeVisible();
  await before[0].leave();
  await page.context().setOffline(false);
  await expect(page.locator("[data-name=offline]")).toHaveCount(0);
  await expect(page.locator("[data-test=position]")).toHaveText("2");
});

test("an operator who pauses and opens the queue is understood by those who wait", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  await join(page);
  await expect(page.locator(".estimate")).toHaveText(/to go|남음|입장합니다/);
  await shop.admin("PATCH", "/queues/default", { mode: "PAUSED" });
  await expect(page.locator(".estimate")).toHaveText(/Nobody is being let in|멈춰/);
  for (const rival of [...before, inside]) await rival.leave();
  await expect(page.locator("[data-test=position]")).toHaveText("1");
  await shop.admin("PATCH", "/queues/default", { mode: "OPEN" });
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
});

test("a closed queue promises no turn, whether the place is pushed or asked for", async ({ visit, shop }) => {
  await shop.rival(1);
  const pages = [await visit(), await visit()];
  await pages[1].context().route("**/queue/stream", (route) => route.fulfill({ status: 503, json: { code: "OVERLOADED" } }));
  for (const page of pages) await join(page);
  await shop.admin("PATCH", "/queues/default", { mode: "PAUSED" });
  for (const page of pages) await expect(page.locator(".estimate")).toHaveText(/Nobody is being let in|멈춰/);
  await shop.admin("PATCH", "/queues/default", { mode: "CLOSED" });
  for (const page of pages) {
    await expect(page.locator(".ahead")).toHaveText(/queue is closed|대기열이 닫혀/);
    await expect(page.locator(".estimate")).toBeEmpty();
    await expect(page.locator(".keep")).toBeHidden();
  }
  await shop.admin("PATCH", "/queues/default", { mode: "OPEN" });
  await expect(pages[0].locator(".ahead")).toHaveText(/next|다음/);
  await expect(pages[0].locator(".keep")).toBeVisible();
});

test("news of the operator and of a sell-out reach those who wait, in their language", async ({ visit, shop }) => {
  const { inside } = await crowd(shop);
  const page = await visit();
  await join(page);
  await shop.admin("POST", "/messages", { text: { en: "Ten more <b>minutes</b>.", ko: "10분만 더 <b>기다려</b> 주세요." } });
  const news = page.locator(".news li");
  await expect(news.filter({ hasText: /Ten more <b>minutes|10분만 더 <b>기다려/ })).toBeVisible();
  // Somebody takes all seats of a small date, a few at a time.
  await shop.admin("PATCH", "/settings", { holdLimitPerUser: 1_000 });
  for (let seatId = 1; seatId <= 50; seatId += 1) {
    await inside.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId });
  }
  const { data } = await inside.call("GET", "/v1/api/user/reservations");
  await inside.call("POST", "/v1/api/user/amount", { amount: 50 * 50_000 });
  for (const { reservationId } of data) await inside.call("POST", "/v1/api/concerts/payment", { reservationId });
  await expect(news.filter({ hasText: /sold out|매진/i })).toBeVisible();
  await page.reload();
  await expect(news.filter({ hasText: /Ten more|10분만/ })).toBeVisible();
});

test("news reach those who choose and pay, in their language", async ({ visit, shop }) => {
  const page = await visit();
  await enter(page);
  await shop.admin("POST", "/messages", { text: { en: "Ten more minutes.", ko: "10분만 더 기다려 주세요." } });
  const news = page.locator("#notices [data-name=news]");
  await expect(news).toContainText(/^\d+:\d\d.* Ten more minutes|10분만 더/);
  await news.getByRole("button").click();
  await expect(news).toHaveCount(0);
  await shop.admin("POST", "/messages", { text: { en: "One <i>more</i>.", ko: "하나 <i>더</i>." } });
  await expect(news).toContainText(/One <i>more<\/i>|하나 <i>더<\/i>/);
});

test("who may not join from here is told so, and joins where it is allowed", async ({ visit, shop }) => {
  const page = await visit();
  const gate = "**/v1/api/queue/token";
  await page.context().route(gate, (route) => route.fulfill({ status: 403, contentType: "text/html", body: "<h1>403</h1>" }));
  const joining = page.locator(".card").first().getByRole("button");
  await joining.click();
  await expect(page.getByRole("alert").filter({ hasText: /not allowed from here|허용되지 않는/ })).toBeVisible();
  await expect(joining).toBeEnabled();
  expect((await shop.queue()).active).toBe(0);
  await page.context().unroute(gate);
  await joining.click();
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
});

test("the start page says which queue is closed and which pauses, and has a way in when it opens", async ({ visit, shop }) => {
  const set = (mode) => shop.admin("PATCH", "/queues/default", { mode });
  const page = await visit();
  const card = page.locator(".card").first();
  /** How the sale stands is told a moment later, and an open page asks now and then: opened anew it asks at once. */
  const says = (words, ways) =>
    expect(async () => {
      await page.reload();
      await expect(card.locator(".action")).toContainText(words, { timeout: 5_000 });
      expect(await card.getByRole("button").count()).toBe(ways);
    }).toPass();
  await set("CLOSED");
  await says(/closed|닫혀/, 0);
  await set("PAUSED");
  await says(/being let in|멈춰/, 1);
});

test("a link takes the place to another device, and its token leaves the address at once", async ({ visit, shop }) => {
  await crowd(shop);
  const page = await visit();
  await join(page);
  await page.getByRole("button", { name: /another device|다른 기기/ }).click();
  const link = await page.locator("dialog input").inputValue();
  expect(new URL(link).search).toBe("");
  const other = await visit(link.replace(shop.url, ""));
  await expect(other.locator("[data-test=position]")).toHaveText("3");
  expect(other.url()).not.toContain("move=");
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get("move");
  const asked = await other.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name).join());
  expect(asked).not.toContain(token);
});

test("a link leads to the queue that its token is of, whatever queue it names", async ({ visit, shop }) => {
  const sections = [{ section: "A", amount: 0, rows: [{ row: "1", seats: 2 }] }];
  const schedules = [{ scheduleId: 5_000, startsAt: "2037-05-01T19:00:00", endsAt: "2037-05-01T21:00:00", sections }];
  await shop.admin("POST", "/catalog", { concerts: [{ concertId: 500, title: "For Few", queue: "vip", schedules }] });
  await crowd(shop);
  const [plain, few] = [await shop.rival(4711), await shop.rival(4712, "vip")];
  // Who waits, and who is inside.
  const waits = await visit(`/#move=${plain.queueToken}&queue=vip`);
  await expect(waits.locator("[data-test=position]")).toHaveText("3");
  await expect(waits).toHaveURL(/#\/wait\/default$/);
  for (const said of ["&queue=default", "&queue=nothing", ""]) {
    const inside = await visit(`/#move=${few.queueToken}${said}`);
    await expect(inside).toHaveURL(/#\/wait\/vip$/);
    await inside.locator('[data-test=dates] a[href="#/hall/5000"]').click();
    await inside.locator(".chip").first().waitFor();
  }
});

test("eight tabs share one stream, and all of them hear of the turn", async ({ visit, shop }) => {
  const { inside, before } = await crowd(shop);
  const page = await visit();
  let streams = 0;
  page.context().on("request", (request) => (streams += request.url().endsWith("/queue/stream") ? 1 : 0));
  await join(page);
  const tabs = [page];
  while (tabs.length < 8) {
    const tab = await page.context().newPage();
    await tab.goto("/#/wait/default");
    await expect(tab.locator("[data-test=position]")).toHaveText("3");
    tabs.push(tab);
  }
  for (const rival of [...before, inside]) await rival.leave();
  for (const tab of tabs) await expect(tab.locator("[data-test=dates] a").first()).toBeVisible();
  expect(streams).toBe(1);
});

test("leaving is asked for twice and gives the place up", async ({ visit, shop }) => {
  await crowd(shop);
  const page = await visit();
  await join(page);
  await page.getByRole("button", { name: /Leave the queue|대기열 나가기/ }).click();
  await page.getByRole("button", { name: /Give it up|포기하기/ }).click();
  await expect(page.locator(".card").first()).toBeVisible();
  expect((await shop.queue()).waiting).toBe(2);
});

test.describe("with frequent polls", () => {
  test.use({ settings: { "queue.active_limit": 1, "queue.waiting_ttl": "3s" } });

  test("without streams the place is polled", async ({ visit, shop }) => {
    const { before } = await crowd(shop);
    const page = await visit();
    await page.context().route("**/queue/stream", (route) => route.fulfill({ status: 503, json: { code: "OVERLOADED" } }));
    await join(page);
    await before[0].leave();
    await expect(page.locator("[data-test=position]")).toHaveText("2");
    await expect(page.locator(".mode")).toHaveAttribute("data-mode", "polling");
    // What a gate on the way refuses, in whatever form, costs nobody the place.
    for (const body of [{ contentType: "text/html", body: "<h1>no</h1>" }, { json: { error: "blocked" } }]) {
      await page.context().route("**/queue/token/check", (route) => route.fulfill({ status: 401, ...body }));
      const notice = page.locator("[data-name=offline]");
      await expect(notice).toBeVisible();
      // It stays as long as it is so, also on another page.
      await page.evaluate(() => (location.hash = "#/"));
      await page.locator(".card").first().waitFor();
      await expect(notice).toBeVisible();
      await page.evaluate(() => (location.hash = "#/wait/default"));
      await page.locator("[data-test=position]").waitFor();
      await expect(notice).toBeVisible();
      await page.context().unroute("**/queue/token/check");
      await expect(page.locator("[data-name=offline]")).toHaveCount(0);
    }
    await expect(page.locator("[data-test=position]")).toHaveText("2");
  });
});
