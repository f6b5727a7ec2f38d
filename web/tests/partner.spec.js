// A shop of one's own, the one of docs/shop.md: it hands its buyer over, is paid, and has them back.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { choose, expect, freePort, test } from "./fixtures.js";

const PROGRAM = fileURLToPath(new URL("../../examples/shop/shop.py", import.meta.url));
const SECRET = "a-shop-s-secret-for-tests-0123456789abcdef";
const NAME = "Moon Tickets";
/** Text, whatever it looks like. */
const WELCOME = "Welcome to <b>the moon</b> & back.";

const partnered = test.extend({
  port: async ({}, use) => use(await freePort()),
  settings: async ({ port }, use) =>
    use({
      "access.users": "signed",
      "access.charge": "operator",
      "entry.issuer": `http://127.0.0.1:${port}`,
      "entry.audience": "tickets",
      "entry.secret": SECRET,
      "page.title": NAME,
      "page.color": "#7a1f4b",
      "page.logo": fileURLToPath(new URL("../../examples/shop/logo.png", import.meta.url)),
      "page.welcome_en": WELCOME,
      "page.ticket_en": "Bring a card with your name on it.",
      "page.ticket_ko": "이름이 있는 신분증을 지참하세요.",
      "page.imprint": "https://shop.example/imprint",
      "page.return": `http://127.0.0.1:${port}/`,
      "page.join": "off",
    }),
  /** The address of the shop, which runs. */
  partner: async ({ port, shop }, use) => {
    const { key } = await shop.admin("POST", "/operators", { name: NAME, role: "SHOP" });
    const own = {
      SHOP_ADMIN: shop.url, SHOP_KEY: key, SHOP_TICKETS: shop.url, SHOP_HOME: `http://127.0.0.1:${port}`, SHOP_ENTRY_SECRET: SECRET,
      SHOP_PROVIDER_SECRET: "between us", SHOP_PORT: String(port), SHOP_DB: join(shop.directory, "shop.db"),
    };
    const program = spawn("python3", [PROGRAM], { env: { ...process.env, ...own }, stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve, reject) => {
      program.stdout.on("data", resolve);
      program.on("exit", (code) => reject(new Error(`the shop ended with ${code}`)));
    });
    await use(own.SHOP_HOME);
    program.removeAllListeners("exit");
    program.kill();
  },
});

partnered("a shop hands its buyer over, is paid, and has them back", async ({ page, partner, shop }) => {
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));

  // Whoever comes by themselves is sent to the shop.
  await page.goto(shop.url);
  const way = page.locator(".card").first().getByRole("link");
  await expect(way).toHaveAttribute("href", `${partner}/`);
  await expect(page.locator(".card button")).toHaveCount(0);
  await expect(page.locator("[data-test=words-welcome]")).toHaveText(WELCOME);
  await way.click();

  await page.locator("input[name=name]").fill("ann");
  await page.getByRole("button", { name: "Log in" }).click();
  const paid = await fetch(`${partner}/paid`, {
    method: "POST",
    headers: { "Provider-Secret": "between us", "Content-Type": "application/x-www-form-urlencoded" },
    body: "name=ann&amount=1000000&payment=pay-1",
  });
  expect(paid.status).toBe(200);
  // The token is good once, and the first answer is lost on its way.
  await page.route("**/v1/api/queue/token", async (route) => (await route.fetch(), await route.abort()), { times: 1 });
  await page.getByRole("button", { name: "Buy tickets" }).click();

  // The page is the shop's, and the token is out of its address.
  await page.locator("[data-test=dates]").waitFor();
  expect(page.url()).toBe(`${shop.url}/#/wait/default`);
  expect(asked.filter((url) => url.includes("entry"))).toEqual([]);
  const logo = page.getByRole("banner").getByAltText(NAME);
  await expect(logo).toBeVisible();
  expect(await logo.evaluate((/** @type {HTMLImageElement} */ image) => image.naturalWidth)).toBe(150);
  await expect(page.locator("#bar .mark")).toHaveAccessibleName(NAME);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent"))).toBe("#7a1f4b");
  await expect(page.locator("#foot a", { hasNotText: NAME })).toHaveAttribute("href", "https://shop.example/imprint");

  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await page.locator(".chip").first().waitFor();
  await choose(page, 3);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=pay]").click();
  await page.locator("[data-test=ticket]").waitFor();
  await expect(page.locator("[data-test=words-ticket]")).toHaveText(/card with your name|신분증/);

  await page.locator("[data-test=back]").click();
  await expect(page).toHaveURL(`${partner}/tickets`);
  await expect(page.locator("pre")).toContainText('"seatId": 3');

  // The night is over: another browser, and the same button of the shop's, which shows what was bought.
  await shop.admin("PATCH", "/queues/default", { mode: "CLOSED" });
  await page.evaluate(() => localStorage.clear());
  await page.goto(shop.url);
  await page.evaluate(() => localStorage.clear());
  await page.goto(partner);
  await page.getByRole("button", { name: "Buy tickets" }).click();
  await expect(page).toHaveURL(`${shop.url}/#/mine`);
  await expect(page.locator("[data-test=kept]")).toHaveCount(1);
  await page.locator("[data-test=kept] a").click();
  await page.locator("[data-test=ticket]").waitFor();
  expect(complaints).toEqual([expect.stringContaining("ERR_FAILED"), expect.stringContaining("409")]);
});

partnered("a link leads nowhere but back to the shop, and a token that is none says so", async ({ page, partner, shop }) => {
  for (const elsewhere of ["https://evil.example/", "javascript:alert(1)", `${partner}.evil.example/`, "nothing"]) {
    await page.goto(`${shop.url}/?return=${encodeURIComponent(elsewhere)}`);
    await expect(page.locator("[data-test=back]")).toHaveAttribute("href", `${partner}/`);
    expect(new URL(page.url()).search).toBe("");
  }
  await page.goto(`${shop.url}/?return=${encodeURIComponent(`${partner}/tickets?of=ann`)}#entry=made.up.token`);
  await expect(page.locator("[data-name=moved]")).toContainText(/shop|상점/);
  await expect(page.locator("[data-test=back]")).toHaveAttribute("href", `${partner}/tickets?of=ann`);
  expect(page.url()).not.toContain("made");
});
