// Some before others: whoever has priority is told so before the opening, and has the place after it.

import { createHmac } from "node:crypto";
import { accessible, expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const SECRET = "a-shop-s-secret-for-tests-0123456789abcdef";
const ISSUER = "https://shop.example";

test.use({
  settings: {
    "queue.active_limit": 1,
    "access.users": "signed",
    "entry.issuer": ISSUER,
    "entry.audience": "tickets",
    "entry.secret": SECRET,
  },
});

const HOUR = 3_600_000;
const fromNow = (ms) => new Date(Date.now() + ms).toISOString();

/** What the shop signs for somebody. */
function token(user, more = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: ISSUER, aud: "tickets", sub: String(user), nbf: now - 5, exp: now + 300, ...more };
  const text = [{ alg: "HS256" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

test("priority is said before the opening, and the place after it is before those who came earlier", async ({ visit, shop }) => {
  await shop.admin("PATCH", "/queues/default", { prequeueAt: fromNow(-1_000), opensAt: fromNow(HOUR) });
  for (const user of [90, 91, 92]) {
    await shop.call("POST", "/v1/api/queue/token", { body: { entryToken: token(user) } });
  }
  await shop.call("POST", "/v1/api/queue/token", { body: { entryToken: token(93, { tier: 1 }) } });
  const [first, plain] = [await visit(`/#entry=${token(7, { tier: 2 })}&queue=default`), await visit(`/#entry=${token(8)}&queue=default`)];
  await expect(first.locator("[data-test=priority]")).toHaveText(
    /^(You have priority \(group 2\): at the opening you are placed before those who have none\.|우선 참여 대상\(2그룹\)입니다\. 시작할 때 우선권이 없는 분들보다 앞 순번을 받습니다\.)$/,
  );
  await expect(plain.locator("[data-test=countdown]")).toBeVisible();
  await expect(plain.locator("[data-test=priority]")).toBeHidden();
  await accessible(first, "the pre-queue with priority");

  const ops = await visit("/ops?lang=en");
  await ops.getByLabel("Admin key").fill(ADMIN_KEY);
  await ops.getByLabel(/Your name/).fill("Kim");
  await ops.getByRole("button", { name: "Open", exact: true }).click();
  const card = ops.getByRole("region", { name: "Queue default" });
  await expect(card.locator("[data-test=tiers]")).toHaveText("Waiting before others: tier 1: 1, tier 2: 1");

  await shop.admin("PATCH", "/queues/default", { opensAt: fromNow(-1) });
  await expect(first.locator("[data-test=position]")).toHaveText("1");
  await expect(plain.locator("[data-test=position]")).toHaveText("5");
  await expect(card.locator("[data-test=tiers]")).toHaveText("Waiting before others: tier 2: 1");
});
