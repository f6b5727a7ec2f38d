// Takes the pictures of docs/images anew: node web/tests/pictures.js, after cargo build --release.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import config from "./playwright.config.js";
import { ADMIN_KEY, Shop } from "./shop.js";

const OUT = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, hasTouch: true, isMobile: true, locale: "en-US" };
const DESKTOP = { viewport: { width: 1280, height: 800 }, locale: "ko-KR", colorScheme: "dark" };
const HALL = 5;

/** People who hold the seats at the front, and here and there, as people do. */
async function sellSome(shop) {
  const seats = Array.from({ length: 1_200 }, (_, i) => i + 1);
  const wanted = seats.filter((seat) => (seat * 7_919) % 1_000 < 900 * Math.exp(-((seat - 1) % 196) / 90));
  for (let user = 1; wanted.length > 0; user += 1) {
    const rival = await shop.rival(user);
    const own = wanted.splice(0, 4);
    await Promise.all(own.map((seatId) => rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: HALL, seatId })));
    await rival.leave();
  }
}

async function pictures() {
  await mkdir(OUT, { recursive: true });
  const browser = await chromium.launch(config.use.launchOptions);
  const shop = await Shop.open({ "hold.ttl": "1h", "queue.active_limit": 100, "queue.session_ttl": "4m" });
  const open = async (options, path) => {
    const context = await browser.newContext({ baseURL: shop.url, ...options });
    const page = await context.newPage();
    await page.goto(path);
    return page;
  };
  const save = (page, name) => page.screenshot({ path: `${OUT}${name}.png` });
  try {
    // Open from the beginning, so that it has a night to show.
    const ops = await open({ ...DESKTOP, viewport: { width: 1280, height: 1000 } }, "/ops?lang=en");
    await ops.locator("#key").fill(ADMIN_KEY);
    await ops.locator("#name").fill("Kim");
    await ops.keyboard.press("Enter");
    await sellSome(shop);
    const phone = await open(PHONE, "/#/wait/default/3");
    await phone.locator("[data-test=dates] a").first().click();
    await phone.goto(`/#/hall/${HALL}`);
    await phone.locator(".chip").nth(1).click();
    await phone.locator("canvas.map").scrollIntoViewIfNeeded();
    await phone.waitForLoadState("networkidle").catch(() => {});
    await save(phone, "map-phone");
    await phone.goto("/#/hall/1");
    await phone.locator("details.panel summary").click();
    await phone.locator('[data-seat="17"]').click();
    await phone.locator("[data-test=hold]").click();
    await phone.locator("[data-test=charge]").click();
    await phone.locator("[data-test=pay]").click();
    await phone.locator("[data-test=ticket]").waitFor();
    await phone.locator("[data-name=paid] button").click();
    await save(phone, "ticket-phone");

    const desktop = await open(DESKTOP, "/#/wait/default/3");
    await desktop.locator("[data-test=dates] a").first().waitFor();
    await desktop.goto(`/#/hall/${HALL}`);
    await desktop.locator(".chip").first().waitFor();
    await desktop.waitForLoadState("networkidle").catch(() => {});
    await save(desktop, "hall-desktop");

    for (let user = 10_000; user < 11_500; user += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => shop.rival(user + i)));
    }
    const waiting = await open(PHONE, "/#/wait/default");
    await waiting.locator("[data-test=position]").waitFor();
    await waiting.locator('.mode[data-mode="live"]').waitFor();
    await save(waiting, "waiting-phone");

    // Two levers, so that something is on record.
    for (const [verb, mode] of [["Pause", "PAUSED"], ["Open", "OPEN"]]) {
      const queue = ops.getByRole("region", { name: "Queue default" });
      await queue.getByRole("button", { name: verb }).click();
      await ops.getByRole("dialog").getByRole("button", { name: verb }).click();
      await queue.getByText(`${mode}: `).waitFor();
    }
    await ops.locator(".audit li").nth(1).waitFor();
    await save(ops, "ops-desktop");
  } finally {
    await browser.close();
    await shop.close();
  }
}

await pictures();
