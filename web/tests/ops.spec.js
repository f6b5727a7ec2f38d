// The operator's night.

import { text as en } from "../ops/text/en.js";
import { text as ko } from "../ops/text/ko.js";
import { accessible, expect, join, test } from "./fixtures.js";
import { ADMIN_KEY } from "./shop.js";

async function open(visit, name = "Kim") {
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill(name);
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.locator(".live.good")).toBeVisible();
  return page;
}

/** The message's form, which is folded on a phone. */
async function unfold(page) {
  if (!(await page.getByLabel("English").isVisible())) await page.getByText("Message to those who wait").click();
}

const queue = (page) => page.getByRole("region", { name: "Queue default" });
const tile = (page, name) => page.locator(".tile", { hasText: name }).locator("dd");

test("a wrong key opens nothing, and the right one stays out of every address", async ({ visit, shop }) => {
  const page = await visit("/ops?lang=en");
  const addresses = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByLabel("Admin key").fill("not-the-key-not-the-key-not-the-key");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("alert")).toContainText("opens nothing");
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.keyboard.press("Enter");
  await expect(page.locator(".live.good")).toBeVisible();
  await page.reload();
  await expect(page.locator(".live.good")).toBeVisible();
  expect(addresses.filter((url) => url.includes(ADMIN_KEY))).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByLabel("Admin key")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Admin key")).toBeVisible();
  await shop.queue();
});

test("a key of one's own opens the page in one's name, and what it does not open is said", async ({ visit, shop }) => {
  const { key } = await shop.admin("POST", "/operators", { name: "Dee", role: "VIEWER" });
  const page = await visit("/ops?lang=en");
  await page.getByLabel("Admin key").fill(key);
  await page.getByLabel(/Your name/).fill("Kim");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.locator(".live.good")).toBeVisible();
  await expect(page.locator(".who")).toHaveText("Dee");
  await queue(page).getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/does not (have this call|open that)/).first()).toBeVisible();
  expect((await shop.queue()).mode).toBe("OPEN");
  await shop.admin("DELETE", "/operators/Dee");
  await expect(page.getByText("not valid any more")).toBeVisible();
});

test("whether holds may leave single seats is chosen, confirmed and on record", async ({ visit, shop }) => {
  const page = await open(visit);
  const choice = page.getByLabel(/^Single seats of/).first();
  const told = async () => (await shop.call("GET", "/v1/catalog")).data.concerts.flatMap(({ schedules }) => schedules)[0].orphans;
  await choice.selectOption("refuse");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(choice).toHaveValue("prefer");
  expect(await told()).toBe("prefer");
  await choice.selectOption("refuse");
  await page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
  await expect(page.locator(".audit li").first()).toContainText("orphans prefer → orphans refuse");
  expect(await told()).toBe("refuse");
  await accessible(page, "single seats");
});

test.describe("with room for many", () => {
  test.use({ settings: { "queue.active_limit": 1_000 } });

  test("no figure runs out of its tile", async ({ visit, shop }) => {
    await Promise.all(Array.from({ length: 12 }, (_, i) => shop.rival(300 + i)));
    const page = await open(visit);
    await expect(tile(page, "Inside")).toContainText("default 12 / 1,000");
    const wider = (tiles) => tiles.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent);
    expect(await page.locator(".tile").evaluateAll(wider)).toEqual([]);
  });
});

test.describe("with a line", () => {
  test.use({ settings: { "queue.active_limit": 1 } });

  test("pausing and opening is confirmed, on record, and heard by those who wait", async ({ visit, shop }) => {
    const first = await shop.rival(901);
    const buyer = await visit("/");
    await join(buyer);
    const page = await open(visit);
    await expect(tile(page, "Waiting")).toHaveText("1");

    await queue(page).getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect((await shop.queue()).mode).toBe("OPEN");
    await queue(page).getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await expect(queue(page)).toContainText("PAUSED");
    expect((await shop.queue()).mode).toBe("PAUSED");
    await expect(page.locator(".audit li").first()).toContainText("Kim");
    await expect(page.locator(".audit li").first()).toContainText("mode OPEN → mode PAUSED");
    await expect(buyer.getByText(/paused|멈췄/i).first()).toBeVisible();

    await first.leave();
    await expect(tile(page, "Inside")).toContainText("0 /");
    await queue(page).getByRole("button", { name: "Open", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click();
    await expect(queue(page)).toContainText("OPEN");
    await expect(tile(page, "Inside")).toContainText("1 /");
    await buyer.locator("[data-test=dates]").waitFor();
  });

  test("a message reaches those who wait", async ({ visit, shop }) => {
    await shop.rival(902);
    const buyer = await visit("/");
    await join(buyer);
    const page = await open(visit);
    await unfold(page);
    await page.getByLabel("English").fill("Ten more minutes.");
    await page.getByLabel("한국어").fill("10분만 더 기다려 주세요.");
    await page.getByRole("button", { name: "Send…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await expect(buyer.getByText(/Ten more minutes\.|10분만 더/).first()).toBeVisible();
    await expect(page.locator(".audit li").first()).toContainText("Ten more minutes.");
  });
});

test.describe("with somebody inside who closed the tab", () => {
  test.use({ settings: { "queue.active_limit": 1, "queue.waiting_ttl": "2s" } });

  test("the silent are counted, let go, and the next comes in", async ({ visit, shop }) => {
    const gone = await shop.rival(904);
    const { data } = await gone.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 1 });
    const buyer = await visit("/");
    await join(buyer);
    const page = await open(visit);
    await expect(tile(page, "Silent sessions")).toHaveText("1", { timeout: 20_000 });
    await expect(page.locator(".advice")).toContainText("1 of 1 inside are silent → let the silent go");
    await queue(page).getByRole("button", { name: "Let 1 silent go…" }).click();
    await expect(page.getByRole("dialog")).toContainText("kept to its end and can be paid");
    await page.getByRole("dialog").getByRole("button", { name: "Let them go" }).click();
    await expect(page.getByText("Let go: 1, of them 1 who hold a seat.")).toBeVisible();
    await expect(page.locator(".audit li").first()).toContainText("Let go from queue default, silent for 4s");
    await buyer.locator("[data-test=dates]").waitFor();
    await expect(tile(page, "Silent sessions")).toHaveText("0");
    await expect(queue(page).getByRole("button", { name: /silent go/ })).toBeHidden();
    await gone.call("POST", "/v1/api/user/amount", { amount: 1_000_000 });
    const paid = await gone.call("POST", "/v1/api/concerts/payment", { reservationId: data.reservationId });
    expect(paid.data).toMatchObject({ seatStatus: "RESERVED" });
  });
});

test("limits are changed as they were confirmed, and what is refused is said", async ({ visit, shop }) => {
  const page = await open(visit);
  await queue(page).getByLabel("Active limit").fill("7");
  await queue(page).getByLabel("Admitted a second").fill("3");
  await queue(page).getByLabel("Idle after").fill("soon");
  await queue(page).getByRole("button", { name: "Change…" }).click();
  await expect(page.getByRole("dialog")).toContainText("active limit1,000→ 7");
  await page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText('a duration such as 500ms, 90s, 10m or 1h30m, but is "soon"');
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await queue(page).getByLabel("Idle after").fill("90s");
  await queue(page).getByLabel("Longest session").fill("30m");
  await queue(page).getByRole("button", { name: "Change…" }).click();
  await expect(page.getByRole("dialog")).toContainText("idle afternever→ 90s");
  await expect(page.getByRole("dialog")).toContainText("longest sessionnever→ 30m");
  await page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
  await expect(queue(page)).toContainText("of 7 inside");
  await expect(queue(page).getByLabel("Idle after")).toHaveValue("1m30s");
  expect(await shop.queue()).toMatchObject({ activeLimit: 7, admitPerSecond: 3, sessionIdle: "1m30s", sessionMax: "30m" });
  for (const refused of ["0", "99999999999", "1.5", "many"]) {
    await queue(page).getByLabel("Active limit").fill(refused);
    await queue(page).locator("form").first().evaluate((form) => (form.noValidate = true));
    await queue(page).getByRole("button", { name: "Change…" }).click();
    await expect(page.getByText(`from 1 to 4,294,967,295, but is "${refused}"`)).toBeVisible();
  }
  await unfold(page);
  await page.getByRole("button", { name: "Send…" }).click();
  await expect(page.getByText("There is nothing to say yet")).toBeVisible();
  await page.getByLabel("Reservation").fill("4711");
  await page.getByRole("button", { name: "Release…", exact: true }).click();
  await page.getByRole("dialog").getByLabel(en.levers.reason).fill("Wrong seat");
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("no hold with the number 4711");
  expect((await shop.queue()).activeLimit).toBe(7);
});

test("a name of any script is on record as it is", async ({ visit }) => {
  const page = await open(visit, "대한민국공연운영팀장김철수 🎫");
  await queue(page).getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect(page.locator(".audit li").first()).toContainText("대한민국공연운영팀장김철수 🎫");
});

test("a name that turns what follows it turns nothing beside it", async ({ visit, shop }) => {
  const turn = "\u202e";
  await shop.admin("PATCH", "/queues/default", { activeLimit: 7 });
  const page = await visit("/ops?lang=en");
  const lever = { at: "2027-05-01T10:00:00Z", keyId: "abc", action: "CHANGE_SALE", operator: `Kim${turn}`, target: `date${turn}`, before: `open${turn}`, after: "closed" };
  await page.route("**/v1/admin/levers", (route) => route.fulfill({ json: { resultType: "SUCCESS", data: [lever], message: "SUCCESS" } }));
  await page.getByLabel("Admin key").fill(ADMIN_KEY);
  await page.getByLabel(/Your name/).fill(`Lee${turn}`);
  await page.getByRole("button", { name: "Open" }).click();
  const entry = page.locator(".audit li").first();
  await expect(entry).toContainText(`Kim${turn}`);
  await expect(entry).toContainText(`Changed the sale of date${turn}`);
  for (const text of ["Kim", "date", "open", "closed"]) await expect(entry.locator("bdi", { hasText: text })).toHaveCount(1);
  await expect(page.locator("bdi.who")).toHaveText(`Lee${turn}`);
  // As drawn, "open" is left of "closed", and the name is left of the time.
  const left = (locator) => locator.evaluate((element) => element.getBoundingClientRect().left);
  expect(await left(entry.locator("bdi", { hasText: "open" }))).toBeLessThan(await left(entry.locator("bdi", { hasText: "closed" })));
  expect(await left(entry.locator("strong"))).toBeLessThan(await left(entry.locator("time")));
});

test("what goes on and the levers for it are on a phone's first screen", async ({ visit }) => {
  const page = await open(visit);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await expect(page.locator(".advice")).toContainText("nobody waits");
  for (const wanted of [queue(page).getByRole("button", { name: "Pause" }), queue(page).getByLabel("Active limit"), page.getByText("Message to those who wait")]) {
    await expect(wanted).toBeInViewport();
  }
});

test("a hold is released, a sale is closed, and the hall shows its seats", async ({ visit, shop }) => {
  const buyer = await shop.rival(903);
  const { data } = await buyer.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 1 });
  const page = await open(visit);
  const sections = page.getByRole("region", { name: "Sections" }).locator("tbody tr").first();
  await expect(sections).toContainText("49");
  await page.getByRole("button", { name: `Release reservation ${data.reservationId}` }).click();
  await expect(page.getByRole("dialog")).toContainText("User 903 loses seat A-1-1.");
  await page.getByRole("dialog").getByLabel(en.levers.reason).fill("Wrong seat");
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await expect(sections).toContainText("50");
  await expect(page.getByRole("region", { name: "Holds" })).toContainText("No seat is held.");
  // By its number as well, which a buyer on the phone may have: it says what cannot be done.
  await page.getByLabel("Reservation").fill(String(data.reservationId));
  await page.getByRole("button", { name: "Release…", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Close the sale/ }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Close the sale" }).click();
  await expect(page.getByRole("button", { name: /^Resume the sale/ })).toHaveCount(1);
  const refused = await buyer.call("POST", "/v1/api/concerts/reserve", { scheduleId: 1, seatId: 2 });
  expect(refused.code).toBe("SALE_CLOSED");
});

test("the night is scrolled back, and followed again", async ({ visit }) => {
  const page = await open(visit);
  const slider = page.getByLabel(/Scroll back/);
  await expect.poll(() => slider.evaluate((input) => input.max - input.min)).toBeGreaterThan(3);
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(page.locator("#shown")).toContainText(/Scrolled back|Nothing/);
  await expect(page.getByRole("button", { name: "Live" })).toHaveAttribute("aria-pressed", "false");
  await page.getByRole("button", { name: "Live" }).click();
  await expect(page.locator("#shown")).not.toContainText("Scrolled back");
  await page.getByRole("button", { name: "1 h" }).click();
  await expect(page.getByRole("button", { name: "1 h" })).toHaveAttribute("aria-pressed", "true");
});

test("everybody can watch, and move levers", async ({ visit }) => {
  for (const colorScheme of ["light", "dark"]) {
    const door = await visit("/ops?lang=en", { colorScheme });
    await accessible(door, `door, ${colorScheme}`);
    await door.getByLabel(/Your name/).fill("Kim");
    await door.getByLabel("Admin key").fill(ADMIN_KEY);
    await door.keyboard.press("Enter");
    await expect(door.locator(".live.good")).toBeVisible();
    await door.locator(".uplot").first().waitFor();
    await accessible(door, `night, ${colorScheme}`);
    await door.getByRole("region", { name: "Queue default" }).getByRole("button", { name: "Close" }).click();
    await accessible(door, `confirmation, ${colorScheme}`);
    await door.keyboard.press("Escape");
  }
});

test.describe("in Korean", () => {
  /** Each text's place in the table; a function stands for what it says. */
  const places = (texts, path = "") =>
    Object.entries(texts).flatMap(([name, value]) => {
      const place = `${path}.${name}`;
      return typeof value === "object" ? places(value, place) : `${place} ${typeof value} ${value.length && typeof value === "function" ? value.length : ""}`;
    });

  test("both languages have the same words", () => {
    expect(places(ko)).toEqual(places(en));
  });

  test("the page is Korean where the browser is, and a lever is moved in it", async ({ visit, shop }) => {
    const page = await visit("/ops", { locale: "ko-KR" });
    await expect(page).toHaveTitle(ko.title);
    await page.getByLabel(ko.door.key).fill("not-the-key-not-the-key-not-the-key");
    await page.getByLabel(ko.door.name).fill("김철수");
    await page.getByRole("button", { name: ko.door.open }).click();
    await expect(page.getByRole("alert")).toHaveText(ko.door.wrong);
    await page.getByLabel(ko.door.key).fill(ADMIN_KEY);
    await page.keyboard.press("Enter");
    await expect(page.locator(".live.good")).toHaveText(ko.bar.live);
    const card = page.getByRole("region", { name: ko.levers.card("default") });
    await card.getByRole("button", { name: ko.levers.modes.PAUSED[0] }).click();
    await accessible(page, "confirmation, Korean");
    await page.getByRole("dialog").getByRole("button", { name: ko.levers.modes.PAUSED[0] }).click();
    await expect(card).toContainText(ko.levers.states.PAUSED);
    await expect(page.locator(".audit li").first()).toContainText("김철수");
    expect((await shop.queue()).mode).toBe("PAUSED");
    // Refusals are the server's words, which knows the language too.
    await page.getByLabel(ko.holds.reservation).fill("4711");
    await page.getByRole("button", { name: ko.holds.release, exact: true }).click();
    await page.getByRole("dialog").getByLabel(ko.levers.reason).fill("좌석 착오");
    await page.getByRole("dialog").getByRole("button", { name: ko.holds.verb }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toHaveText(ko.holds.unknown(4711));
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "English" }).click();
    await expect(page.getByRole("region", { name: "Queue default" })).toContainText("PAUSED");
    await page.reload();
    await expect(page.getByRole("button", { name: "한국어" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
  });
});

test.describe("with a bell", () => {
  /** Counts the tones that are started instead of playing them. */
  const counted = () => {
    window.tones = 0;
    const node = () => ({ frequency: {}, gain: {}, connect: (next) => next, stop() {}, start: () => (window.tones += 1) });
    window.AudioContext = class {
      currentTime = 0;
      resume() {}
      createOscillator = node;
      createGain = node;
    };
  };

  test("what lasts is shown and heard once, and a second of it is not", async ({ visit }) => {
    const page = await open(visit);
    await page.evaluate(counted);
    let late = 0;
    await page.route("**/v1/admin/ops/now", async (route) => {
      const response = await route.fetch();
      const now = await response.json();
      if (late > 0) now.data.figures.latencyP99Ms = 900;
      late -= 1;
      await route.fulfill({ response, json: now });
    });
    const bell = page.getByRole("button", { name: "Sound" });
    await bell.click();
    await expect(bell).toHaveAttribute("aria-pressed", "true");
    const tones = () => page.evaluate("tones");
    const tried = await tones();
    expect(tried).toBeGreaterThan(0);
    late = 2;
    await expect.poll(() => late).toBeLessThan(0);
    expect(await tones()).toBe(tried);
    late = 1_000;
    await expect(page.getByRole("alert").filter({ hasText: "Too slow: latency 900 ms" })).toBeVisible();
    await expect.poll(tones).toBe(2 * tried);
    late = 0;
    await expect(page.getByText("Too slow")).toHaveCount(0);
  });

  test("a server that does not answer is heard", async ({ visit }) => {
    const page = await open(visit);
    await page.evaluate(counted);
    await page.getByRole("button", { name: "Sound" }).click();
    const tried = await page.evaluate("tones");
    await page.route("**/v1/admin/ops/now", (route) => route.abort());
    await expect(page.getByText("The server does not answer this page.")).toBeVisible();
    expect(await page.evaluate("tones")).toBe(2 * tried);
  });
});
