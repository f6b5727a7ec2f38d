// What stays the buyer's: without a place, without a connection, and whatever link is opened.

import { account, choose, enter, expect, hold, join, test } from "./fixtures.js";

async function buy(page, seat) {
  await hold(page, seat);
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await page.locator("[data-test=ticket]").waitFor();
}

test("who leaves the queue keeps tickets, wallet and hold, and is told what is held", async ({ visit }) => {
  const page = await visit();
  await buy(page, 7);
  // Back leads to where the buyer came from, not through the pay page to the ticket again.
  await page.goBack();
  await expect(page).toHaveURL(/#\/hall\/1$/);
  await page.goto("/#/wait/default");
  await page.getByRole("button", { name: /Join again|다시 참여/ }).click();
  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await choose(page, 9);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  await page.goto("/#/wait/default");
  await page.getByRole("button", { name: /Leave the queue|대기열 나가기/ }).click();
  await expect(page.locator("dialog")).toContainText(/1 seat until|1석을 선점/);
  await page.getByRole("button", { name: /Give it up|포기하기/ }).click();
  await expect(page).toHaveURL(/#\/$/);
  await page.goto("/#/mine");
  await page.reload();
  await expect(page.locator(".card")).toHaveCount(2);
  await expect(page.locator(".wallet strong")).toBeVisible();
  await page.locator('.card a[href^="#/pay/"]').click();
  await expect(page.locator("[data-test=charge]")).toBeVisible();
});

test("a ticket opens without a connection, and a link shows it on another device", async ({ visit }) => {
  const page = await visit();
  await buy(page, 7);
  await expect(page.locator("[data-test=offline-ready]")).toHaveText(/without a connection, too|연결이 없어도/);
  await page.getByRole("button", { name: /another device|다른 기기/ }).click();
  const link = await page.locator("dialog input").inputValue();
  await page.keyboard.press("Escape");
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.locator("[data-test=ticket] .qr")).toBeVisible();
  await expect(page.locator("[data-name=offline]")).toContainText(/tickets|티켓/);
  await page.goto("/#/mine");
  await page.reload();
  await expect(page.locator("[data-test=kept]")).toHaveCount(1);
  const other = await visit(new URL(link).hash ? `/${new URL(link).hash}` : "/");
  await expect(other.locator('.card a[href^="#/ticket/"]')).toHaveCount(1);
  expect(await other.evaluate(() => localStorage.getItem("onsale.user"))).toBeNull();
});

test("with the storage full a ticket is shown all the same, and what another tab stores since is seen", async ({ visit }) => {
  const page = await visit();
  await buy(page, 7);
  await page.evaluate(() => {
    for (let [size, n] = [1 << 20, 0]; size > 0; n += 1) {
      try {
        localStorage.setItem(`full.${n}`, "x".repeat(size));
      } catch {
        size >>= 1;
      }
    }
  });
  await page.goto("/#/wait/default");
  await page.getByRole("button", { name: /Join again|다시 참여/ }).click();
  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await choose(page, 8);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-test=ticket]")).toContainText(/Seat 8|8번/);
  await expect(page.locator("[data-test=offline-ready]")).toHaveText(/cannot keep|보관할 수 없/);
  await page.goto("/#/mine");
  const shown = page.locator('.card a[href^="#/ticket/"]');
  // With the wallet all answers are there: none of them is stored after what the other tab stores.
  await expect(page.locator(".wallet strong")).toBeVisible();
  await expect(shown).toHaveCount(2);
  const second = await page.context().newPage();
  await second.goto("/#/");
  await second.evaluate(() => {
    Object.keys(localStorage).filter((name) => name.startsWith("full.")).forEach((name) => localStorage.removeItem(name));
    localStorage.setItem("onsale.tickets", "[]");
  });
  // The browser takes its time from one tab to the other.
  await expect.poll(() => page.evaluate(() => localStorage.getItem("onsale.tickets"))).toBe("[]");
  await page.context().setOffline(true);
  await page.goto("/#/");
  await page.goto("/#/mine");
  await expect(page.locator("h1")).toBeVisible();
  await expect(shown).toHaveCount(0);
});

test("a token that is refused hides no ticket, and the way to a new one is shown", async ({ visit, shop }) => {
  const page = await visit();
  await buy(page, 7);
  const user = await page.evaluate(() => localStorage.getItem("onsale.user"));
  await shop.admin("POST", `/users/${user}/tokens/revoke`);
  await page.goto("/#/mine");
  await expect(page.locator(".refusal a")).toHaveAttribute("href", "#/");
  await expect(page.locator("[data-test=kept]")).toHaveCount(1);
  await page.reload();
  await expect(page.locator("[data-test=kept]")).toHaveCount(1);
  await page.goto("/#/");
  await join(page);
  await page.goto("/#/mine");
  await expect(page.locator(".wallet strong")).toBeVisible();
  await expect(page.locator(".refusal")).toHaveCount(0);
});

test("what is kept in another shape is dropped, and is in nobody's way", async ({ visit }) => {
  const page = await visit();
  const keep = (kept) =>
    page.evaluate((kept) => Object.entries(kept).forEach(([name, value]) => localStorage.setItem(`onsale.${name}`, JSON.stringify(value))), kept);
  for (const catalog of [{}, { data: { concerts: [{}] } }]) {
    await page.goto("/#/");
    await keep({ catalog, tickets: { a: 1 }, user: "abc", "token.default": 5, "reader.5": {}, language: "constructor" });
    await page.reload();
    await expect(page.locator(".card").first()).toBeVisible();
    await page.goto("/#/mine");
    await expect(page.getByText(/You have no tickets yet|아직 예매한/)).toBeVisible();
  }
  await page.goto("/#/");
  await buy(page, 7);
  // One ticket that is broken takes no other with it.
  await page.evaluate(() => {
    const tickets = JSON.parse(localStorage.getItem("onsale.tickets"));
    localStorage.setItem("onsale.tickets", JSON.stringify([null, {}, ...tickets]));
  });
  await page.context().setOffline(true);
  await page.goto("/#/mine");
  await expect(page.locator("[data-test=kept]")).toHaveCount(1);
});

test("the page is there before the catalog is, and hears of a date that was opened", async ({ visit, shop }) => {
  await shop.admin("PATCH", "/schedules/1", { closed: true });
  const page = await visit();
  await join(page);
  await expect(page.locator('[data-test=dates] a[href="#/hall/2"]')).toBeVisible();
  await expect(page.locator('[data-test=dates] a[href="#/hall/1"]')).toHaveCount(0);
  await page.locator('[data-test=dates] a[href="#/hall/2"]').focus();
  await shop.admin("PATCH", "/schedules/1", { closed: false });
  await expect(page.locator('[data-test=dates] a[href="#/hall/1"]')).toBeVisible();
  await expect(page.locator('[data-test=dates] a[href="#/hall/2"]')).toBeFocused();

  const route = (request) => request.fulfill({ status: 503, contentType: "text/html", body: "<h1>busy</h1>" });
  await page.context().route("**/v1/catalog", route);
  await page.goto("/#/");
  await page.reload();
  await expect(page.locator(".card").first()).toBeVisible();
  const fresh = await visit("/#/nothing");
  await fresh.context().route("**/v1/catalog", route);
  await fresh.goto("/#/");
  await fresh.evaluate(() => localStorage.clear());
  await fresh.reload();
  await expect(fresh.locator("[data-name=busy]")).toBeVisible();
  await fresh.context().unroute("**/v1/catalog");
  await expect(fresh.locator(".card").first()).toBeVisible();
});

test("a link makes nobody somebody else unasked, and a broken one says so", async ({ visit, shop }) => {
  const page = await visit();
  const forged = `x.${btoa(JSON.stringify({ sub: "31337" }))}.x`;
  for (const token of [forged, "", "x"]) {
    await page.goto(`/#move=${token}&queue=default`);
    await page.reload();
    await page.goto(`/#move=${token}&queue=default`);
    await expect(page.locator("[data-name=moved]")).toContainText(/Nothing was changed|바뀐 것은 없습니다/);
  }
  expect(await page.evaluate(() => localStorage.getItem("onsale.user"))).toBeNull();
  for (const address of ["#%E0%A4%A", "#/hall/%"]) {
    await page.goto(`/${address}`);
    await expect(page.getByText(/There is nothing here|아무것도 없습니다/)).toBeVisible();
  }
  // A browser that is somebody, without a place, is asked first.
  const rival = await shop.rival(4711);
  await page.evaluate(() => localStorage.setItem("onsale.user", "123456789"));
  await page.goto(`/#move=${rival.queueToken}&queue=default`);
  await page.getByRole("button", { name: /Cancel|취소/ }).click();
  expect(await page.evaluate(() => localStorage.getItem("onsale.user"))).toBe("123456789");
});

test.describe("with cents", () => {
  test.use({ settings: { "store.currency": "HUF" } });

  test("amounts are read as they are written, and have the decimals of ISO 4217 in every browser", async ({ visit, shop }) => {
    const page = await visit();
    await expect(page.locator(".card").first()).toContainText(/500[.,]00/);
    await enter(page);
    await page.goto("/#/mine");
    for (const text of ["1e3", "0", "1.999", "-5", "1,", "1.", "1,0000", "0,500", "1,00,000", "10000,000"]) {
      await page.locator(".wallet input").fill(text);
      await page.locator("[data-test=add]").click();
      await expect(page.locator(".wallet [role=alert]")).not.toBeEmpty();
    }
    let sum = 0;
    for (const [text, minor] of [["19.99", 1999], ["0.29", 29], ["4,35", 435], ["1,000", 100_000], ["123,456.7", 12_345_670]]) {
      await page.locator(".wallet input").fill(text);
      await page.locator("[data-test=add]").click();
      sum += minor;
      await expect(page.locator(".wallet strong")).toContainText((sum / 100).toLocaleString("en", { minimumFractionDigits: 2 }));
    }
    expect((await account(page, shop)).balance).toBe(sum);
  });
});

test("an amount is taken as the page writes it, and one that is not whole is not", async ({ visit, shop }) => {
  const page = await visit();
  await join(page);
  await page.goto("/#/mine");
  for (const text of ["1,", "1.000", "1,00", "5.5", ",", "50,00"]) {
    await page.locator(".wallet input").fill(text);
    await page.locator("[data-test=add]").click();
    await expect(page.locator(".wallet [role=alert]")).toContainText(/above 0|0보다/);
  }
  for (const [text, sum] of [["50,000", "50,000"], ["１,０００", "51,000"], ["200", "51,200"]]) {
    await page.locator(".wallet input").fill(text);
    await page.locator("[data-test=add]").click();
    await expect(page.locator(".wallet strong")).toContainText(sum);
  }
  expect((await account(page, shop)).balance).toBe(51_200);
});

test.describe("with mills", () => {
  test.use({ settings: { "store.currency": "KWD" } });

  test("a comma that may be either is asked about, and taken for neither", async ({ visit, shop }) => {
    const page = await visit();
    await join(page);
    await page.goto("/#/mine");
    const alert = page.locator(".wallet [role=alert]");
    for (const text of ["1,000", "12,345"]) {
      await page.locator(".wallet input").fill(text);
      await page.locator("[data-test=add]").click();
      await expect(alert).toContainText(`${text.replace(",", ".")}`);
      await expect(alert).toContainText(`${text}.000`);
    }
    expect((await account(page, shop)).balance).toBe(0);
    const sums = [["1,000.5", "1,000.500"], ["1.005", "1,001.505"], ["0,500", "1,002.005"], ["1,000.000", "2,002.005"], ["1000", "3,002.005"]];
    for (const [text, sum] of sums) {
      await page.locator(".wallet input").fill(text);
      await page.locator("[data-test=add]").click();
      await expect(page.locator(".wallet strong")).toContainText(sum);
    }
  });
});
