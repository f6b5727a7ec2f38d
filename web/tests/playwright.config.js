// Chromium as a phone and as a desktop. Nothing is tried twice: a test that needs a second try is wrong.

import { defineConfig } from "@playwright/test";
import { shell } from "./browser.js";

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  // The machine may be slow and shared: what is awaited comes when it comes.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  fullyParallel: true,
  // They wait more than they work, with two cores too.
  workers: 3,
  reporter: [["list"]],
  forbidOnly: Boolean(process.env.CI),
  use: { launchOptions: shell, trace: "off", screenshot: "only-on-failure" },
  projects: [
    {
      name: "phone",
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "ko-KR", colorScheme: "light" },
    },
    {
      name: "desktop",
      // What a page keeps, counts and hears, and what is sold and to whom, is the same whatever the size of its window: the phone plays that.
      testIgnore: /(alert|areas|blocked|clock|draw|extend|group|idle|keep|login|opening|partner|prices|race|tiers)\.spec\.js$/,
      use: { viewport: { width: 1280, height: 800 }, locale: "en-US", colorScheme: "dark" },
    },
  ],
});
