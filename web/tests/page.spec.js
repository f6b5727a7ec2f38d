// The page as such: how much it weighs, what it may load, whether everybody can use it.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { accessible, enter, choose, expect, hold, join, test } from "./fixtures.js";
import { BINARY } from "./shop.js";
import { COLORS, Prices } from "../buyer/map/prices.js";
import { text as en } from "../buyer/text/en.js";
import { text as ko } from "../buyer/text/ko.js";

const FIRST_LOAD_BYTES_MAX = 60 * 1024;

/** How wide the page is laid out. A phone's own `innerWidth` grows with what does not fit. */
const width = (page) => page.evaluate(() => document.documentElement.scrollWidth);

test("both languages say the same things", () => {
  const shape = (text) => Object.entries(text).map(([key, value]) => [key, Array.isArray(value) ? value.length : typeof value]);
  expect(shape(ko)).toEqual(shape(en));
  expect(Object.keys(ko.status)).toEqual(Object.keys(en.status));
});

test("no colour stands for two prices that are not neighbours, and each price has one", () => {
  for (let count = 1; count <= 40; count += 1) {
    const amounts = Array.from({ length: count }, (_, i) => i * 1_000);
    const prices = new Prices();
    expect(prices.learn(amounts)).toBe(true);
    expect(prices.learn(amounts)).toBe(false);
    const { bands } = prices;
    expect(bands.length).toBe(Math.min(count, COLORS));
    expect(bands.map(({ color }) => color)).toEqual(bands.map((_, i) => i));
    for (const amount of amounts) {
      const { least, most } = bands[prices.color(amount)];
      expect(least <= amount && amount <= most).toBe(true);
    }
  }
});

test("what says itself what it is gets no second word", () => {
  expect(["3", "Row of the Donors", "3열", "Rowan"].map(en.row)).toEqual(["Row 3", "Row of the Donors", "3열", "Row Rowan"]);
  expect(["3", "3열"].map(ko.row)).toEqual(["3열", "3열"]);
  expect(en.section("Section A")).toBe("Section A");
});

test("places are counted as people count", () => {
  const counted = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(en.inLine);
  const said = ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"];
  expect(counted).toEqual(said.map((nth) => `You are ${nth} in line`));
});

test.describe("waiting", () => {
  test.use({ settings: { "queue.active_limit": 1 } });

  test("the waiting page's first load is light, and nothing of it is asked for twice", async ({ visit, shop, browser, baseURL }) => {
    await shop.rival(1);
    const context = await browser.newContext();
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    let bytes = 0;
    network.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${baseURL}/#/wait/default`);
    await page.locator("[data-test=position]").waitFor();
    await page.waitForLoadState("load");
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    const files = asked.filter((url) => url.includes("/assets/"));
    expect(new Set(files).size).toBe(files.length);
    console.log(`first load of the waiting page: ${bytes} bytes, ${asked.length} requests`);
    await page.reload();
    await page.locator("[data-test=position]").waitFor();
    await context.close();
    await visit();
  });

  test("everybody can wait", async ({ visit, shop }) => {
    await shop.rival(1);
    const page = await visit();
    await accessible(page, "concerts");
    await join(page);
    await accessible(page, "waiting");
    await page.getByRole("button", { name: /another device|다른 기기/ }).click();
    await accessible(page, "moving");
    await page.keyboard.press("Escape");
    await page.locator("#foot button").click();
    await expect(page.locator("html")).toHaveAttribute("lang", /ko|en/);
    await accessible(page, "waiting in the other language");
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `waiting, ${colorScheme}`);
    }
  });
});

test("everybody can choose, pay and show a ticket", async ({ visit }) => {
  const page = await visit();
  const everywhere = async (name) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${name}, ${colorScheme}`);
    }
    await page.locator("#foot button").click();
    await page.locator("#view > .view > *").first().waitFor();
  };
  await join(page);
  await everywhere("turn");
  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await page.locator(".chip").first().waitFor();
  await choose(page, 3);
  await everywhere("hall");
  await choose(page, 3);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=charge]").waitFor();
  await everywhere("pay");
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await page.locator("[data-test=ticket]").waitFor();
  await everywhere("ticket");
  const gate = await page.getByRole("link", { name: /Check this ticket|이 티켓 확인/ }).getAttribute("href");
  await page.goto("/#/mine");
  await page.locator(".card").first().waitFor();
  await everywhere("mine");
  await page.goto("/#/nothing");
  await everywhere("nothing");
  for (const address of [gate, `${gate}x`, gate.split("#")[0]]) {
    // From one ticket to another the page itself stays.
    await page.goto("about:blank");
    await page.goto(address);
    await page.locator(".verdict, .ask").first().waitFor();
    await accessible(page, address);
  }
});

test("a seat is chosen, held and paid with the keyboard alone", async ({ visit }) => {
  const page = await visit();
  await enter(page);
  await page.locator("details.panel summary").focus();
  await page.keyboard.press("Enter");
  await page.locator('[data-seat="1"]').waitFor();
  await page.locator('[role=grid] [tabindex="0"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-seat="12"]')).toHaveAttribute("aria-pressed", "true");
  await page.locator("[data-test=hold]").focus();
  await page.keyboard.press("Enter");
  await page.locator("[data-test=charge]").focus();
  await page.keyboard.press("Enter");
  // The next step has the focus already.
  await expect(page.locator("[data-test=pay]")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.locator("[data-test=ticket]").waitFor();
});

test("a stadium's section opens from the map's chips, of one price alone too, and only its seats are asked for", async ({ visit }) => {
  const page = await visit();
  await enter(page, 8);
  const asked = [];
  page.on("request", (request) => request.url().includes("/concerts/seat?") && asked.push(new URL(request.url()).searchParams.get("section")));
  // While all of it is in sight, a swipe over the hall scrolls the page.
  const map = page.locator("canvas.map");
  await expect(map).toHaveCSS("touch-action", "pan-y");
  await expect(page.locator(".where")).toBeHidden();
  const chips = page.locator(".chip");
  const all = await chips.count();
  await page.locator("[data-test=price-2]").click();
  await expect.poll(() => chips.count()).toBeLessThan(all);
  await page.locator("[data-test=price-2]").click();
  await expect(chips).toHaveCount(all);
  await chips.filter({ hasText: "113" }).click();
  await expect(map).toHaveCSS("touch-action", "none");
  await expect(page.locator(".where")).toContainText("113");
  await page.locator("details.panel summary").click();
  await expect(page.locator("[role=grid] button").first()).toBeVisible();
  expect(asked).toContain("113");
  expect(asked).not.toContain(null);
});

test("of many dates one is found by month or by words, and what was unfolded stays so", async ({ visit, shop }) => {
  // Two a day in May and June of a later year, listed backwards.
  const dates = Array.from({ length: 60 }, (_, i) => {
    const day = `2037-0${i < 30 ? 6 : 5}-${String(30 - (i % 30)).padStart(2, "0")}`;
    const sections = [{ section: "A", amount: 0, rows: [{ row: "1", seats: 2 }] }];
    return { scheduleId: 5_000 + i, startsAt: `${day}T19:00:00`, endsAt: `${day}T21:00:00`, sections };
  });
  await shop.admin("POST", "/catalog", { concerts: [{ concertId: 500, title: "Every Night", queue: "nights", schedules: dates }] });
  const page = await visit("/#/wait/nights/500");
  const rows = page.locator("[data-test=dates] a");
  await expect(rows).toHaveCount(30);
  await expect(rows.first()).toContainText(/2037.*(May 1,|5월 1일)|(May 1,|5월 1일).*2037/);
  await page.locator("[data-test=month-500-2037-06]").click();
  await expect(rows).toHaveCount(60);
  await shop.admin("PATCH", "/schedules/5000", { closed: true });
  await expect(rows).toHaveCount(59);
  await page.locator("input[type=search]").fill("night 2037-06-2");
  await expect(rows).toHaveCount(10);
});

test("what the quick start shows can be pasted, no page of the documents is wider than a phone, and without scripts a page says so", async ({ visit }) => {
  const page = await visit("/docs/start");
  const [curl, script] = await Promise.all(["#curl", "#javascript"].map((id) => page.locator(id).textContent()));
  const bought = await promisify(execFile)("sh", ["-c", curl], { timeout: 60_000 });
  expect(bought.stdout).toContain('"seatStatus":"RESERVED"');
  expect(bought.stdout).toContain('"ticket":"');
  const ran = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 });
  expect(ran.stdout).toContain("ticket:");
  for (const address of ["/docs/start", "/docs", "/problems", "/problems/insufficient-balance", "/no/such-address"]) {
    await page.goto(address);
    expect(await width(page), address).toBeLessThanOrEqual(page.viewportSize().width);
  }
  for (const address of ["/", "/verify"]) {
    const bare = await visit(address, { javaScriptEnabled: false });
    await expect(bare.locator(".noscript")).toBeInViewport();
    await expect(bare.locator(".boot")).toBeHidden();
  }
  await expect(page.locator("html")).toHaveAttribute("lang", /ko|en/);
  await page.getByRole("link", { name: /To the start page|첫 화면으로/ }).first().click();
  await expect(page.locator(".card").first()).toBeVisible();
});

test("an address joins no queue unasked, and one that names nothing says so", async ({ visit, shop }) => {
  const page = await visit("/#/hall/1");
  await expect(page.locator("#skip")).toHaveText(/Skip to the content|본문으로/);
  await expect(page.locator("[data-test=join]")).toBeVisible();
  expect((await shop.queue()).active).toBe(0);
  for (const address of ["#/constructor", "#/__proto__/1", "#/toString"]) {
    await page.goto(`/${address}`);
    await expect(page.getByText(/There is nothing here|아무것도 없습니다/)).toBeVisible();
  }
  await page.goto("/#/hall/1");
  await page.locator("[data-test=join]").click();
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
});

test("the load test's page is no wider than what it is read on", async ({ visit }, info) => {
  const sample = new URL("../../crates/loadtest/tests/data/report.json", import.meta.url).pathname;
  const [report, drawn] = ["report.json", "report.html"].map((name) => info.outputPath(name));
  // A load that was late has the longest words.
  writeFileSync(report, readFileSync(sample, "utf8").replaceAll(/"valid": ?true/g, '"valid":false'));
  await promisify(execFile)(BINARY, ["loadtest", "render", report, "--output", drawn]);
  const page = await visit("about:blank");
  await page.setContent(readFileSync(drawn, "utf8"));
  await expect(page.locator("#verdict")).toBeVisible();
  expect(await width(page)).toBeLessThanOrEqual(page.viewportSize().width);
});

test("a refusal comes in the buyer's language with its next step", async ({ visit, shop }) => {
  const page = await visit();
  await hold(page, 20);
  await shop.admin("PATCH", "/schedules/2", { closed: true });
  await page.goto("/#/hall/2");
  await page.locator(".chip").first().waitFor();
  await choose(page, 1);
  await page.locator("[data-test=hold]").click();
  const refusal = page.locator(".refusal");
  await expect(refusal).toContainText(/[가-힣]|sale/);
  await expect(refusal.getByRole("link")).toBeVisible();
});
