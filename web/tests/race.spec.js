// Two who want the same seat.

import { account, choose, enter, expect, test } from "./fixtures.js";

test("of two buyers racing for one seat one has it, and the other is shown what is free beside it", async ({ visit, shop }) => {
  const pages = await Promise.all([visit(), visit()]);
  for (const page of pages) {
    await enter(page);
    await choose(page, 25);
  }
  await Promise.all(pages.map((page) => page.locator("[data-test=hold]").click()));
  const outcome = (page) => page.locator("[data-test=hold-clock], [data-test=taken]").first().getAttribute("data-test");
  const outcomes = await Promise.all(pages.map(outcome));
  expect([...outcomes].sort()).toEqual(["hold-clock", "taken"]);

  const loser = pages[outcomes.indexOf("taken")];
  const near = loser.locator("[data-test=near]");
  await expect(near).toHaveCount(3);
  await near.first().click();
  await loser.locator("[data-test=hold]").click();
  await loser.locator("[data-test=hold-clock]").waitFor();
  for (const page of pages) {
    const { reservations } = await account(page, shop);
    expect(reservations.map(({ status }) => status)).toEqual(["TEMP_RESERVED"]);
  }
});

test("a seat that goes while it is looked at is told at once", async ({ visit, shop }) => {
  const page = await visit();
  await enter(page);
  await choose(page, 12);
  const rival = await shop.rival(77);
  await rival.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 12 });
  await expect(page.locator("[data-test=taken]")).toBeVisible();
  await expect(page.locator("[data-test=near]")).toHaveCount(3);
});

test("a seat is chosen on the map with a finger or a mouse", async ({ visit, shop, hasTouch }) => {
  const page = await visit();
  await enter(page);
  const box = await page.locator("canvas.map").boundingBox();
  // The first tap may only come nearer, where seats are smaller than fingers.
  const tap = async () => {
    const at = await page.evaluate(() => {
      const canvas = document.querySelector("canvas.map");
      const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const wanted = getComputedStyle(canvas).getPropertyValue("--tier-0").trim();
      const [r, g, b] = [1, 3, 5].map((i) => parseInt(wanted.slice(i, i + 2), 16));
      // A point well within a seat: its colour all around.
      const is = (x, y) => [r, g, b].every((c, i) => data[(y * width + x) * 4 + i] === c);
      for (let y = 4; y < height - 4; y += 1) {
        for (let x = 4; x < width - 4; x += 1) {
          if (is(x, y) && is(x - 2, y) && is(x + 2, y) && is(x, y - 2) && is(x, y + 2)) {
            return { x: (x / width) * canvas.clientWidth, y: (y / height) * canvas.clientHeight };
          }
        }
      }
      return null;
    });
    if (at) await (hasTouch ? page.touchscreen.tap(box.x + at.x, box.y + at.y) : page.mouse.click(box.x + at.x, box.y + at.y));
  };
  await expect(async () => {
    await tap();
    await expect(page.locator("[data-test=hold]")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await page.locator("[data-test=hold]").click();
  await page.locator("[data-test=hold-clock]").waitFor();
  expect((await account(page, shop)).reservations).toHaveLength(1);
});
