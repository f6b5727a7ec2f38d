// Paying: once, or not at all.

import { account, choose, expect, hold, join, test } from "./fixtures.js";

const PRICE = 50_000;

async function charge(page) {
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").waitFor();
}

/** What must hold after a payment, however it went. */
async function paidOnce(page, shop) {
  await page.locator("[data-test=ticket]").waitFor();
  const { balance, reservations } = await account(page, shop);
  expect(balance).toBe(0);
  expect(reservations.map(({ status }) => status)).toEqual(["RESERVED"]);
}

test("a double click pays once, and the ticket is good at the gate", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 7);
  await charge(page);
  await page.locator("[data-test=pay]").dblclick();
  await paidOnce(page, shop);
  await page.getByRole("link", { name: /Check this ticket|이 티켓 확인/ }).click();
  await expect(page.locator(".verdict")).toHaveAttribute("data-verdict", "VALID");
  const ticket = new URL(page.url()).hash.slice(1);
  await page.goto(`/verify#${ticket.slice(0, -4)}AAAA`);
  await page.reload();
  await expect(page.locator(".verdict")).toHaveAttribute("data-verdict", "FORGED");
});

test("without a connection a payment waits, and is made once when it is back", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 8);
  await charge(page);
  await page.context().setOffline(true);
  await page.locator("[data-test=pay]").click();
  await expect(page.locator("[data-name=busy], [data-name=offline]").first()).toBeVisible();
  await page.context().setOffline(false);
  await paidOnce(page, shop);
});

test("an answer that is lost on its way is asked for again with the same key", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 9);
  const keys = { charge: [], pay: [] };
  /** The server does it, and the first answer never arrives. */
  const lose = (name) => async (route) => {
    keys[name].push(route.request().headers()["idempotency-key"]);
    if (keys[name].length > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  };
  await page.route("**/v1/api/user/amount", (route) =>
    route.request().method() === "POST" ? lose("charge")(route) : route.continue(),
  );
  await page.route("**/v1/api/concerts/payment", lose("pay"));
  await charge(page);
  await page.locator("[data-test=pay]").click();
  await paidOnce(page, shop);
  for (const used of Object.values(keys)) {
    expect(used.length).toBeGreaterThan(1);
    expect(new Set(used).size).toBe(1);
  }
});

test("a redraw takes the focus from nobody", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 21);
  const charge = page.locator("[data-test=charge]");
  await charge.focus();
  await charge.evaluate((element) => (element.dataset.drawn = "before"));
  // Elsewhere a part of it was added; whoever comes back to the page sees what is missing now.
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("onsale.token.default")));
  await shop.call("POST", "/v1/api/user/amount", { token, body: { amount: 20_000 } });
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(charge).toContainText("30,000");
  await expect(charge).not.toHaveAttribute("data-drawn");
  await expect(charge).toBeFocused();
});

test("a tab closed between a payment and its answer finds it paid, once", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 10);
  await charge(page);
  const address = page.url();
  const context = page.context();
  const sent = new Promise((resolve) => {
    page.route("**/v1/api/concerts/payment", async (route) => {
      await route.fetch();
      resolve();
    });
  });
  await page.locator("[data-test=pay]").click();
  await sent;
  await page.close();
  const back = await context.newPage();
  await back.goto(address);
  await paidOnce(back, shop);
});

test("the wallet is charged once for a click, also where the answer is lost", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 13);
  await page.goto("/#/mine");
  let sent = 0;
  let isAway = true;
  await page.route("**/v1/api/user/amount", async (route) => {
    if (route.request().method() === "GET" || !isAway) return route.continue();
    if ((sent += 1) === 1) await route.fetch();
    await route.abort("connectionreset");
  });
  const add = page.locator("[data-test=add]");
  await add.click();
  await expect(page.locator(".wallet [role=alert]")).toContainText(/above 0|0보다/);
  await page.locator(".wallet input").fill("70000");
  await add.click();
  // As long as no answer comes, the page says that it goes on asking.
  const busy = page.locator("[data-name=busy]");
  await expect(busy).toContainText(/Trying again|다시 시도/);
  await expect.poll(() => sent).toBeGreaterThan(1);
  await expect(busy).toBeVisible();
  isAway = false;
  await expect(page.locator(".wallet strong")).toContainText("70,000");
  await expect(busy).toHaveCount(0);
  expect((await account(page, shop)).balance).toBe(70_000);
});

/** A charge that was sent, done or not, and has no answer when the tab is closed; the same page again. */
async function unanswered(page, sum, isDone) {
  await page.goto("/#/mine");
  await page.locator(".wallet input").fill(sum);
  const sent = new Promise((resolve) => {
    page.route("**/v1/api/user/amount", async (route) => {
      if (route.request().method() === "GET") return route.continue();
      if (isDone) await route.fetch();
      resolve();
    });
  });
  await page.locator("[data-test=add]").click();
  await sent;
  const context = page.context();
  await page.close();
  const back = await context.newPage();
  await back.goto("/#/mine");
  await back.locator("[data-test=add]").waitFor();
  return back;
}

async function add(page, sum) {
  await page.locator(".wallet input").fill(sum);
  await page.locator("[data-test=add]").click();
}

for (const isDone of [true, false]) {
  test(`a charge that ${isDone ? "was done" : "was lost"} and not answered is finished and told, and what is typed is added`, async ({ visit, shop }) => {
    const page = await visit();
    await join(page);
    const back = await unanswered(page, "10000", isDone);
    await add(back, "70000");
    await expect(back.locator("[data-test=earlier]")).toContainText("10,000");
    await expect(back.locator(".wallet strong")).toContainText("80,000");
    expect((await account(back, shop)).balance).toBe(80_000);
    // As much again is the same wish, and is said to be.
    const again = await unanswered(back, "5000", isDone);
    await add(again, "5000");
    await expect(again.locator("[data-test=earlier]")).toContainText(/type it again|다시 입력/);
    expect((await account(again, shop)).balance).toBe(85_000);
    await add(again, "5000");
    await expect(again.locator(".wallet strong")).toContainText("90,000");
    await expect(again.locator("[data-test=earlier]")).toBeEmpty();
  });
}

test("a charge that was not answered is not made for somebody else", async ({ visit, shop }) => {
  const page = await visit();
  await join(page);
  const rival = await shop.rival(8888);
  const back = await unanswered(page, "60000", false);
  await back.goto(`/#move=${rival.queueToken}&queue=default`);
  await back.getByRole("button", { name: /Take over|가져오기/ }).click();
  await back.goto("/#/mine");
  await add(back, "10");
  await expect(back.locator(".wallet strong")).toContainText("10");
  await expect(back.locator("[data-test=earlier]")).toBeEmpty();
  expect((await rival.call("GET", "/v1/api/user/amount")).data.amount).toBe(10);
});

test("two tabs charge and pay once", async ({ visit, shop }) => {
  const first = await visit();
  await hold(first, 11);
  const second = await first.context().newPage();
  await second.goto(first.url());
  await second.locator("[data-test=charge]").waitFor();
  // At the same moment: a tab that comes second has heard of it, and has nothing left to press.
  const press = (name) =>
    Promise.all([first, second].map((page) => page.evaluate((name) => document.querySelector(`[data-test=${name}]`)?.click(), name)));
  await press("charge");
  await Promise.all([first, second].map((page) => page.locator("[data-test=pay]").waitFor()));
  expect((await account(first, shop)).balance).toBe(PRICE);
  await press("pay");
  await paidOnce(first, shop);
  await second.locator("[data-test=ticket]").waitFor();
});

/** The same page in a second tab, ready to charge. */
async function again(page) {
  const second = await page.context().newPage();
  await second.goto(page.url());
  await second.locator("[data-test=charge]").waitFor();
  return second;
}

test("a second tab follows the first, and adds no money for a seat that is paid", async ({ visit, shop }) => {
  const first = await visit();
  await hold(first, 17);
  const second = await again(first);
  await first.locator("[data-test=release]").click();
  await first.getByRole("button", { name: /Give it back|반납하기/ }).click();
  await expect(second.locator("[data-test=lapsed]")).toHaveText(/Given back|반납/);
  await choose(first, 18);
  await first.locator("[data-test=hold]").click();
  await first.locator("[data-test=hold-clock]").waitFor();
  await second.goto(first.url());
  await second.locator("[data-test=charge]").waitFor();
  await charge(first);
  await expect(second.locator("[data-test=pay]")).toBeVisible();
  await first.locator("[data-test=pay]").click();
  await second.locator("[data-test=ticket]").waitFor();

  // A tab that hears nothing, because the browser had put it to sleep, asks before it charges.
  const other = await visit();
  await other.context().addInitScript(() => (BroadcastChannel.prototype.postMessage = () => {}));
  await other.reload();
  await hold(other, 19);
  const deaf = await again(other);
  await charge(other);
  await other.locator("[data-test=pay]").click();
  await other.locator("[data-test=ticket]").waitFor();
  await deaf.locator("[data-test=charge]").click();
  await paidOnce(deaf, shop);
});

test.describe("where a charge adds less than a seat costs", () => {
  test.use({ settings: { "wallet.charge_limit": "20000" } });

  test("it is charged in parts, each of them once", async ({ visit, shop }) => {
    const page = await visit();
    await hold(page, 22);
    const sent = [];
    await page.route("**/v1/api/user/amount", async (route) => {
      const request = route.request();
      if (request.method() === "GET") return route.continue();
      sent.push({ key: request.headers()["idempotency-key"], amount: request.postDataJSON().amount });
      if (sent.length !== 3) return route.continue();
      // The second part is done, and its answer is lost.
      await route.fetch();
      await route.abort("connectionreset");
    });
    await charge(page);
    expect(sent.map(({ amount }) => amount)).toEqual([PRICE, 20_000, 20_000, 20_000, 10_000]);
    const [, first, second, again, last] = sent.map(({ key }) => key);
    expect(again).toBe(second);
    expect(new Set([first, second, last]).size).toBe(3);
    expect((await account(page, shop)).balance).toBe(PRICE);
    await page.locator("[data-test=pay]").click();
    await paidOnce(page, shop);
  });
});

test.describe("where a charge adds next to nothing", () => {
  test.use({ settings: { "wallet.charge_limit": "900" } });

  test("it is not charged in more parts than are sensible, and that is said", async ({ visit, shop }) => {
    const page = await visit();
    await hold(page, 22);
    await page.locator("[data-test=charge]").click();
    await expect(page.locator(".refusal")).toContainText(/smaller amounts|나누어 충전/);
    expect((await account(page, shop)).balance).toBe(0);
  });
});

test.describe("with short holds", () => {
  test.use({ settings: { "hold.ttl": "4s" } });

  test("a hold that lapses on the pay page costs nothing and leads back to the map", async ({ visit, shop }) => {
    const page = await visit();
    await hold(page, 12);
    // No promise outlives the hold, also where nobody can be asked.
    await page.context().setOffline(true);
    // Where the machine is slow the hold is over before anybody can press.
    await page.evaluate(() => document.querySelector("[data-test=charge]")?.click());
    await expect(page.locator("[data-test=lapsed]")).toContainText(/what you added is in your wallet|충전하신 금액은 지갑/);
    await expect(page.locator("[data-name=offline]")).toContainText(/until its time is over|남은 시간 동안/);
    await expect(page.locator("[data-name=busy]")).toHaveCount(0);
    await page.context().setOffline(false);
    const { balance, reservations } = await account(page, shop);
    expect(balance === 0 || balance === PRICE).toBe(true);
    expect(reservations.map(({ status }) => status)).toEqual(["EXPIRED"]);
    await page.getByRole("link", { name: /Choose another seat|다른 좌석 선택/ }).click();
    await expect(page.locator(".chip").first()).toBeVisible();
  });
});

test.describe("with two holds", () => {
  test.use({ settings: { "hold.limit_per_user": "2" } });

  test("who holds two seats is told what paying one means, and is led to the other", async ({ visit }) => {
    const page = await visit();
    await hold(page, 14);
    await expect(page.locator("[data-test=others]")).toBeEmpty();
    await expect(page.locator("[data-test=ends]")).toContainText(/ends your visit|이용이 끝나/);
    await page.locator("[data-test=more]").click();
    await choose(page, 15);
    await page.locator("[data-test=hold]").click();
    await expect(page.locator("[data-test=others] a")).toHaveText(/\d+:\d\d/);
    await expect(page.locator("[data-test=ends]")).toContainText(/goes on after this payment|결제 후에도 이용이 계속/);
    const second = page.url();
    // At the limit nobody is advised to throw one away.
    await page.locator("[data-test=more]").click();
    await choose(page, 16);
    await page.locator("[data-test=hold]").click();
    await expect(page.locator(".refusal")).toContainText(/pay for those that you hold|이미 선점한 좌석을/);
    await expect(page.locator(".refusal a")).toHaveAttribute("href", "#/mine");
    await page.goto(second);
    await charge(page);
    await page.locator("[data-test=pay]").click();
    await page.locator("[data-test=ticket]").waitFor();
    await expect(page.locator("[data-test=other-hold]")).toHaveText(/\d+:\d\d/);
    await page.locator("[data-test=other-hold]").click();
    await expect(page.locator("[data-test=charge]")).toBeVisible();
    // The visit went on, and this is the last payment of it.
    await expect(page.locator("[data-test=others]")).toBeEmpty();
    await expect(page.locator("[data-test=ends]")).toContainText(/ends your visit|이용이 끝나/);
    await charge(page);
    await page.locator("[data-test=pay]").click();
    await page.locator("[data-test=ticket]").waitFor();
    await expect(page.locator(".session")).toBeHidden();
  });
});

test.describe("where wallets are not charged", () => {
  test.use({ settings: { "access.charge": "off" } });
  test("the page says so, and offers nothing that would be refused", async ({ visit }) => {
    const page = await visit();
    await hold(page, 7);
    await expect(page.getByText(/Money cannot be added|충전할 수 없습니다/)).toBeVisible();
    await expect(page.locator("[data-test=charge], [data-test=pay]")).toHaveCount(0);
    await page.goto(new URL("#/mine", page.url()).href);
    await expect(page.locator(".wallet")).toContainText(/Money cannot be added|충전할 수 없습니다/);
    await expect(page.locator("[data-test=add]")).toHaveCount(0);
  });
});
