// Telling a buyer who looks elsewhere that it is their turn: title, sound, notification.

import { whole } from "./browser.js";
import { expect, join, test } from "./fixtures.js";

test.use({ launchOptions: whole, settings: { "queue.active_limit": 1 } });

/** Notes what the page does with sound and notifications, of which the machine has neither. */
function spy({ permission, throws, missing }) {
  window.told = { tones: 0, notes: [], asked: 0 };
  if (missing) {
    for (const name of ["AudioContext", "Notification"]) delete window[name];
    return;
  }
  window.AudioContext = class {
    state = "suspended";
    currentTime = 0;
    destination = {};
    async resume() {
      if (!navigator.userActivation.isActive) throw new DOMException("no gesture", "NotAllowedError");
      this.state = "running";
    }
    createOscillator() {
      return { frequency: {}, connect: (next) => next, start: () => (window.told.tones += 1), stop() {} };
    }
    createGain() {
      return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (next) => next };
    }
  };
  window.Notification = class {
    static permission = permission === "granted" ? "granted" : "default";
    static async requestPermission() {
      window.told.asked += 1;
      return (this.permission = permission);
    }
    constructor(title, options) {
      if (throws) throw new TypeError("Illegal constructor");
      window.told.notes.push({ title, ...options });
    }
    close() {}
  };
  // A page that is looked at needs no notification.
  Object.defineProperty(document, "visibilityState", { get: () => window.looksAway ? "hidden" : "visible" });
  document.hasFocus = () => !window.looksAway;
}

/** What the service worker shows now, by tag. */
const notifications = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    return (await registration.getNotifications()).map(({ tag }) => tag);
  });

const told = (page) => page.evaluate(() => window.told);
const button = (page) => page.getByRole("button", { name: /Tell me|We will tell|알려/ });

/** A buyer behind one who is inside, on a page with these powers. */
async function waiting(visit, shop, powers) {
  const inside = await shop.rival(1);
  const page = await visit("/");
  await page.addInitScript(spy, powers);
  await page.reload();
  await join(page);
  return { page, inside };
}

async function turn(page, inside) {
  await page.evaluate(() => (window.looksAway = true));
  await inside.leave();
  await expect(page).toHaveTitle(/your turn|입장하세요/i);
}

test("who asked to be told hears it, sees a notification, and finds it in the title", async ({ visit, shop }) => {
  const { page, inside } = await waiting(visit, shop, { permission: "granted" });
  await button(page).click();
  await expect(button(page)).toHaveAttribute("aria-pressed", "true");
  await turn(page, inside);
  await expect.poll(async () => (await told(page)).tones).toBe(3);
  const { notes } = await told(page);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatchObject({ tag: "turn-default", requireInteraction: true });
  // The title blinks until the page is looked at, and then rests.
  await expect(page).toHaveTitle(/^●/);
  await page.evaluate(() => (window.looksAway = false));
  await expect(page).not.toHaveTitle(/^●/);
});

test("after a reload the next touch brings the sound back", async ({ visit, shop }) => {
  const { page, inside } = await waiting(visit, shop, { permission: "granted" });
  await button(page).click();
  await page.reload();
  await expect(button(page)).toHaveAttribute("aria-pressed", "true");
  await page.locator("h1").first().click();
  await turn(page, inside);
  await expect.poll(async () => (await told(page)).tones).toBe(3);
  expect((await told(page)).asked).toBe(0);
});

test("who did not ask is told by the title alone", async ({ visit, shop }) => {
  const { page, inside } = await waiting(visit, shop, { permission: "granted" });
  await turn(page, inside);
  await page.locator("[data-test=dates] a").first().waitFor({ state: "attached" });
  expect(await told(page)).toEqual({ tones: 0, notes: [], asked: 0 });
});

const POOR = [
  { name: "denied", powers: { permission: "denied" }, asked: 1 },
  // Nobody is asked for what is granted already.
  { name: "for service workers alone", powers: { permission: "granted", throws: true }, asked: 0 },
];
for (const { name, powers, asked } of POOR) {
  const { throws } = powers;
  test(`where notifications are ${name}, ${throws ? "the worker shows one" : "the sound has to do"}`, async ({ visit, shop }) => {
    const { page, inside } = await waiting(visit, shop, powers);
    if (throws) await page.context().grantPermissions(["notifications"]);
    await button(page).click();
    await expect(button(page)).toHaveAttribute("aria-pressed", "true");
    if (throws) await page.evaluate(() => navigator.serviceWorker.ready);
    expect((await told(page)).asked).toBe(asked);
    await turn(page, inside);
    await expect.poll(async () => (await told(page)).tones).toBe(3);
    expect((await told(page)).notes).toEqual([]);
    if (throws) await expect.poll(() => notifications(page)).toEqual(["turn-default"]);
  });
}

test("where there is neither sound nor notification nothing is promised, and the title says it", async ({ visit, shop }) => {
  const { page, inside } = await waiting(visit, shop, { missing: true });
  await expect(button(page)).toHaveCount(0);
  await turn(page, inside);
  await expect(page.locator("[data-test=dates] a").first()).toBeVisible();
});
