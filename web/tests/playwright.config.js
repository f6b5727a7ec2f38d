// Debian's Chromium, as a phone and as a desktop. Nothing is downloaded, and nothing is tried twice: a test that needs
// a second try is wrong.

import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The shell is Chromium without the parts around the page, and takes two thirds of its time.
const browsers = ["chromium-headless-shell", "chromium", "chromium-browser"].map((name) => `/usr/bin/${name}`);
const executablePath = process.env.CHROMIUM ?? browsers.find(existsSync);
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  // The machine may be slow and shared: what is awaited comes when it comes.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  fullyParallel: true,
  workers: 2,
  reporter: [["list"]],
  forbidOnly: Boolean(process.env.CI),
  use: { launchOptions: { executablePath, args }, trace: "off", screenshot: "only-on-failure" },
  projects: [
    {
      name: "phone",
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "ko-KR", colorScheme: "light" },
    },
    { name: "desktop", use: { viewport: { width: 1280, height: 800 }, locale: "en-US", colorScheme: "dark" } },
  ],
});
