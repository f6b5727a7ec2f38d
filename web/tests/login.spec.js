// Buyers without a shop, and operators, sign in with a real identity provider.

import { accessible, choose, expect, freePort, test } from "./fixtures.js";
import { IdentityProvider, signInAs } from "./provider.js";

const signing = test.extend({
  /** Of the server, and of the provider. */
  ports: async ({}, use) => use([await freePort(), await freePort()]),
  provider: async ({ ports: [own, other] }, use) => {
    const origin = `http://127.0.0.1:${own}`;
    const provider = await IdentityProvider.open(other, [`${origin}/login/callback`, `${origin}/ops/login/callback`]);
    await use(provider);
    await provider.close();
  },
  settings: async ({ ports: [own], provider }, use) =>
    use({
      ...provider.settings,
      listen: `127.0.0.1:${own}`,
      "login.origin": `http://127.0.0.1:${own}`,
      "login.role_claim": "groups",
      "login.roles": "staff=desk",
    }),
  page: async ({ page }, use) => {
    // The provider's pages ask for a font of somebody else's.
    await page.route("**/fonts.googleapis.com/**", (route) => route.abort());
    await use(page);
  },
});

const way = (page) => page.locator(".card").first().getByRole("link");
const user = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("onsale.user")));

signing("a buyer signs in, joins, buys, and is the same person on another device", async ({ page, shop, browser }) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(shop.url);
  await expect(page.locator(".card button")).toHaveCount(0);
  await way(page).click();

  // Back from the provider's page the page is as it was.
  await page.locator("input[name=login]").waitFor();
  await page.goBack();
  await way(page).click();
  await signInAs(page, "ann");

  // Where they wanted to be, and without a token in the address.
  await page.locator("[data-test=dates]").waitFor();
  expect(page.url()).toBe(`${shop.url}/#/wait/default/1`);
  expect(asked.filter((url) => url.includes("entry="))).toEqual([]);
  await page.locator('[data-test=dates] a[href="#/hall/1"]').click();
  await page.locator(".chip").first().waitFor();
  await choose(page, 3);
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=charge]").click();
  await page.locator("[data-test=pay]").click();
  await page.locator("[data-test=ticket]").waitFor();

  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.route("**/fonts.googleapis.com/**", (route) => route.abort());
  await other.goto(`${shop.url}/#/wait/default`);
  await other.locator("[data-test=way]").click();
  await signInAs(other, "ann");
  await other.locator("[data-test=dates]").waitFor();
  expect(await user(other)).toBe(await user(page));
  await elsewhere.close();
});

signing("who does not want to sign in, or cannot, is told what to do", async ({ page, shop, provider }) => {
  await page.goto(`${shop.url}/#/wait/default/1`);
  await page.locator("[data-test=way]").click();
  await page.locator("a", { hasText: "Cancel" }).click();
  await expect(page.locator("[data-name=moved]")).toContainText(/have not signed in|로그인하지 않아/);
  expect(page.url()).toBe(`${shop.url}/#/wait/default/1`);
  await expect(page.locator("[data-test=way]")).toBeVisible();
  await accessible(page, "not signed in");

  // Somebody else's callback.
  await page.goto(`${shop.url}/login/callback?code=theirs&state=theirs`);
  await expect(page.locator("[data-name=moved]")).toContainText(/not begun in this browser|이 브라우저에서 시작한/);

  // The provider goes away while they are there.
  await page.goto(`${shop.url}/#/wait/default/1`);
  await page.locator("[data-test=way]").click();
  await page.locator("input[name=login]").waitFor();
  const { cookies } = await page.context().storageState();
  expect(cookies.find(({ name }) => name === "onsale-login")).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  provider.isAway = true;
  await signInAs(page, "ann");
  await expect(page.locator("[data-name=moved]")).toContainText(/does not work at the moment|지금은 로그인할 수 없습니다/);
  provider.isAway = false;
  // And is back: it knows them.
  await page.locator("[data-test=way]").click();
  await page.locator("[data-test=dates]").waitFor();
  await expect(page.locator("[data-name=moved]")).toHaveCount(0);
});

signing("a second person on the same device is somebody else, and asked before", async ({ page, shop }) => {
  await page.goto(shop.url);
  await way(page).click();
  await signInAs(page, "ann");
  await page.locator("[data-test=dates]").waitFor();
  const ann = await user(page);
  await page.locator("#foot a[href*='other']").click();
  await signInAs(page, "bob");
  await page.locator("dialog").getByRole("button").last().click();
  await page.locator("[data-test=dates]").waitFor();
  expect(await user(page)).not.toBe(ann);
});

signing("keys that the provider has changed lose nobody", async ({ page, shop, provider }) => {
  await page.goto(shop.url);
  await way(page).click();
  await signInAs(page, "ann");
  await page.locator("[data-test=dates]").waitFor();
  await provider.close();
  await provider.start();
  await page.goto(`${shop.url}/login?queue=default`);
  // An unknown key has them fetched, once in five seconds at most.
  await page.waitForTimeout(5_500);
  await signInAs(page, "ann");
  await page.locator("[data-test=dates]").waitFor();
});

signing("an operator signs in by role, and out, and nobody else does", async ({ page, shop }) => {
  await page.goto(`${shop.url}/ops`);
  await page.locator("a[href='/ops/login']").click();
  await signInAs(page, "ann");
  await expect(page.locator("[role=alert]").first()).toContainText(/no role here|역할이 없습니다/);
  expect(page.url()).toBe(`${shop.url}/ops`);
  await accessible(page, "the door of operators");

  await page.locator("a[href='/ops/login?other=1']").click();
  await signInAs(page, "kim");
  await expect(page.locator("#bar .who")).toHaveText("kim@id.example");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  await page.reload();
  await expect(page.locator("#bar .who")).toHaveText("kim@id.example");
  await expect(page.locator("#bar .live.good")).toBeVisible();

  await page.locator("#bar").getByRole("button", { name: /Sign out|나가기|로그아웃/ }).click();
  await page.locator(".door").waitFor();
  await page.reload();
  await page.locator(".door").waitFor();
  const { cookies } = await page.context().storageState();
  expect(cookies.find(({ name }) => name === "onsale-ops")).toBeUndefined();
});
