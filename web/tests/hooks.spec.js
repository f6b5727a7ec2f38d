// Webhooks as an operator sees them: what was tried, one event sent again, and from another place on.

import { createServer } from "node:http";
import { text as en } from "../ops/text/en.js";
import { text as ko } from "../ops/text/ko.js";
import { accessible, expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

const told = test.extend({
  settings: { "webhooks.private": "allow" },
  /** Somebody who is sent what happens: which ids came, and what is answered. */
  receiver: async ({}, use) => {
    const receiver = { ids: [], status: 204, url: "" };
    const server = createServer((request, response) => {
      receiver.ids.push(request.headers["webhook-id"]);
      request.resume().on("end", () => response.writeHead(receiver.status).end());
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    receiver.url = `http://127.0.0.1:${port}/events`;
    await use(receiver);
    server.closeAllConnections();
    server.close();
  },
});

async function open(visit, language) {
  const page = await visit(`/ops?lang=${language}`);
  const texts = language === "ko" ? ko : en;
  await page.locator("input[type=password]").fill(ADMIN_KEY);
  await page.locator("input").last().fill("Kim");
  await page.keyboard.press("Enter");
  await expect(page.locator(".live.good")).toBeVisible();
  return { page, t: texts.webhooks };
}

for (const language of ["en", "ko"]) {
  told(`what was tried is listed, and one event is sent again (${language})`, async ({ visit, shop, receiver }) => {
    // Until the tables have the feed's beginning, the newest event is none, and all comes after it.
    const begun = async () => (await fetch(`${shop.url}/v1/admin/events?limit=1`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).json();
    await expect.poll(async () => (await begun()).length).toBe(1);
    const { id } = await shop.admin("POST", "/webhooks", { url: receiver.url, types: ["onsale.message.*"] });
    await shop.admin("POST", "/messages", { text: { en: "Soon" } });
    await expect.poll(() => receiver.ids.length).toBe(1);
    const [event] = receiver.ids;
    const { page, t } = await open(visit, language);
    await page.getByRole("button", { name: t.attemptsOf(id), exact: true }).click();
    const list = page.getByRole("region", { name: t.attemptsOf(id) }).first();
    const rows = list.locator("tbody tr");
    await expect(rows).toHaveCount(1);
    await expect(rows.first()).toContainText(event);
    await expect(rows.first()).toContainText("204");
    receiver.status = 503;
    await list.getByRole("button", { name: t.sendOf(event) }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText(t.sendAsk(id, event));
    await dialog.getByRole("button", { name: t.sendVerb, exact: true }).click();
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText(t.byHand);
    await expect(rows.first()).toContainText("503");
    expect(receiver.ids).toEqual([event, event]);
    await expect(page.locator(".audit li").first()).toContainText(`event ${event} again`);
    await accessible(page, "attempts");

    // One that is not in the list, and what is refused is said.
    await page.getByLabel(t.event).fill("1-0-00000000");
    await page.locator("#attempts-event").press("Enter");
    await dialog.getByRole("button", { name: t.sendVerb, exact: true }).click();
    await expect(dialog.getByRole("alert")).not.toBeEmpty();
    await page.keyboard.press("Escape");

    // From the oldest on, in its turn.
    receiver.status = 204;
    await page.getByLabel(t.from).fill("OLDEST");
    await page.locator("#webhook-from").press("Enter");
    await dialog.getByRole("button", { name: t.fromVerb, exact: true }).click();
    // What the feed begins with is in every answer's types.
    await expect.poll(() => receiver.ids.length).toBe(4);
    expect(receiver.ids[3]).toBe(event);
    await page.getByRole("button", { name: t.close, exact: true }).click();
    await expect(page.getByRole("heading", { name: t.attemptsOf(id) })).toBeHidden();
  });
}
