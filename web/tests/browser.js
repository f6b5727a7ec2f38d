// Which browser plays the pages: Debian's Chromium, or the one that CHROMIUM names. Nothing is downloaded.

import { existsSync } from "node:fs";

const first = (...names) => names.map((name) => `/usr/bin/${name}`).find(existsSync);

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** With all that belongs to it: settings, a profile of one's own, notifications. */
export const whole = { executablePath: process.env.CHROMIUM ?? first("chromium", "chromium-browser"), args };

/** Without the parts around the page, in two thirds of the time. */
export const shell = process.env.CHROMIUM ? whole : { ...whole, executablePath: first("chromium-headless-shell") ?? whole.executablePath };
