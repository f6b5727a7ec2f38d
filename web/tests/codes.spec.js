// Campaigns of codes as an operator sees them: made, filled, changed and stopped.

import { text as en } from "../ops/text/en.js";
import { text as ko } from "../ops/text/ko.js";
import { accessible, expect, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

async function open(visit, language) {
  const page = await visit(`/ops?lang=${language}`);
  await page.locator("input[type=password]").fill(ADMIN_KEY);
  await page.locator("input").last().fill("Kim");
  await page.keyboard.press("Enter");
  await expect(page.locator(".live.good")).toBeVisible();
  const { codes: t } = language === "ko" ? ko : en;
  const dialog = page.getByRole("dialog");
  const sure = async (verb) => dialog.getByRole("button", { name: verb, exact: true }).click();
  return { page, t, dialog, sure };
}

for (const language of ["en", "ko"]) {
  test(`a campaign is made, and people come with its codes until it is stopped (${language})`, async ({ visit, shop }) => {
    const { page, t, dialog, sure } = await open(visit, language);
    const panel = page.getByRole("region", { name: t.title }).first();
    const rows = page.locator(".codes tbody tr");
    await expect(rows).toHaveCount(0);
    await panel.getByRole("textbox", { name: t.labels.campaign, exact: true }).fill("fan-club");
    await panel.getByLabel(t.labels.uses).fill("2");
    await panel.getByLabel(t.labels.seats).fill("4");
    await panel.getByLabel(t.labels.required).check();
    await panel.getByRole("button", { name: t.save, exact: true }).click();
    await expect(dialog).toContainText(t.makeAsk("fan-club"));
    await expect(dialog).toContainText(t.requiredMeans);
    await sure(t.makeVerb);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(t.required);
    await expect(rows).toContainText(t.seats("4"));

    await panel.getByLabel(t.added).fill("K7QX-2M9D\n\n  rt4w-aaaa  \n");
    await panel.getByRole("button", { name: t.add, exact: true }).click();
    await expect(dialog).toContainText(t.addAsk("2", "fan-club"));
    await sure(t.addVerb);
    await expect(rows).toContainText(t.times("2", "2"));
    await expect(panel.getByLabel(t.added)).toHaveValue("");
    const join = async (userId, code) => (await shop.call("POST", "/v1/api/queue/token", { body: { userId, code } })).status;
    expect(await join(1, "RT4W AAAA")).toBe(200);
    await expect(rows.locator("td").nth(4)).toHaveText("1");

    // The same again is refused, and said.
    await panel.getByLabel(t.added).fill("K7QX-2M9D");
    await panel.getByRole("button", { name: t.add, exact: true }).click();
    await sure(t.addVerb);
    await expect(dialog.getByRole("alert")).not.toBeEmpty();
    await page.keyboard.press("Escape");

    // What is changed is what is other than it was, and no more.
    await rows.getByRole("button", { name: t.changeOf("fan-club") }).click();
    await expect(panel.getByLabel(t.labels.seats)).toHaveValue("4");
    await panel.getByLabel(t.labels.seats).fill("");
    await panel.getByLabel(t.labels.until).fill("2030-01-02T03:04:05");
    await panel.getByRole("button", { name: t.save, exact: true }).click();
    await expect(dialog.locator("tbody tr")).toHaveCount(2);
    await accessible(page, "a change of a campaign");
    await sure(t.changeVerb);
    await expect(rows).not.toContainText(t.seats("4"));
    const [campaign] = await shop.admin("GET", "/campaigns");
    expect(campaign).toMatchObject({ uses: 2, seats: null, required: true, queue: "default", codes: 2, held: 1 });
    expect(new Date(campaign.until).getTime()).toBe(new Date(2030, 0, 2, 3, 4, 5).getTime());
    await panel.getByRole("button", { name: t.save, exact: true }).click();
    await expect(dialog).toHaveCount(0);

    await rows.getByRole("button", { name: t.stopOf("fan-club") }).click();
    await sure(t.stopVerb);
    await expect(rows.locator("th")).toContainText(t.stopped);
    expect(await join(2, "K7QX-2M9D")).toBe(409);
    await rows.getByRole("button", { name: t.goOnOf("fan-club") }).click();
    await sure(t.goOnVerb);
    await expect(rows.locator("th")).not.toContainText(t.stopped);
    expect(await join(2, "K7QX-2M9D")).toBe(200);
    await expect(page.locator(".audit li").first()).toContainText("fan-club");
    await accessible(page, "campaigns");
  });
}
