// Looks at the server once a second and has each part of the page show what it saw.

import { h, put } from "../shared/dom.js";
import { Alarms, wrong } from "./alarms.js";
import { places } from "./format.js";
import { t } from "./language.js";
import { call } from "./session.js";
import { Advice } from "./view/advice.js";
import { Arrivals } from "./view/arrivals.js";
import { Audit } from "./view/audit.js";
import { Charts } from "./view/charts.js";
import { Codes } from "./view/codes.js";
import { Dates } from "./view/dates.js";
import { Desk } from "./view/desk.js";
import { Levers } from "./view/levers.js";
import { Tables } from "./view/tables.js";
import { Tiles } from "./view/tiles.js";
import { Webhooks } from "./view/webhooks.js";

const LOOK_MS = 1_000;

export class Night {
  /**
   * @param {Element} view
   * @param {{ bell: import("./alarms.js").Bell, onstate: (words: string, good: boolean) => void, onlocked: () => void }} told
   */
  constructor(view, { bell, onstate, onlocked }) {
    this.view = view;
    this.onstate = onstate;
    this.onlocked = onlocked;
    this.alarms = new Alarms(() => bell.ring());
    this.alarmed = h("div", { role: "alert" });
    this.audit = new Audit();
    this.audit.list([]);
    /** The newest lever that is listed. */
    this.recorded = null;
    const moved = () => this.look();
    /** @type {Part[]} */
    this.parts = [
      new Advice(),
      new Levers({ moved }),
      new Tiles(),
      new Charts(),
      this.audit,
      new Dates({ moved }),
      new Desk({ moved }),
      new Arrivals(),
      new Codes({ moved }),
      new Webhooks({ moved }),
      new Tables(),
    ];
  }

  start() {
    const [advice, levers, tiles, charts, audit, dates, desk, arrivals, codes, webhooks, tables] = this.parts.map((part) => part.element);
    // What one comes for in a hurry is on the first screen, of a phone too: what goes on, and what to do about it.
    put(this.view, h("h1", { class: "sr" }, t.night), this.alarmed, advice, h("div", { class: "pair" }, levers, audit), tiles, charts, dates, desk, arrivals, codes, webhooks, tables);
    this.parts.forEach((part) => part.mounted?.());
    this.stopped = false;
    this.run();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.parts.forEach((part) => part.stop?.());
  }

  async run() {
    await this.look();
    if (!this.stopped) this.timer = setTimeout(() => this.run(), document.hidden ? 5 * LOOK_MS : LOOK_MS);
  }

  async look() {
    try {
      const now = await call("GET", "ops/now");
      if (this.stopped) return;
      places(now.currencyDigits);
      this.parts.forEach((part) => part.show?.(now));
      // The record changes a few times in a night.
      if (now.newestLeverId !== this.recorded) {
        this.audit.list(await call("GET", "levers"));
        this.recorded = now.newestLeverId;
      }
      this.alarm(wrong(now));
      this.onstate(t.bar.live, true);
    } catch (error) {
      if (this.stopped) return;
      if (error.status === 401) this.onlocked();
      else this.onstate(t.bar.silent, false);
      this.alarm([["no answer", t.alarms.silent]]);
    }
  }

  /** What has lasted is shown first of all, and read out when it comes, not with each figure in it. */
  alarm(found) {
    const lasting = this.alarms.look(found);
    const names = lasting.map(([what]) => what).join();
    this.alarmed.setAttribute("aria-live", names === this.alarmNames ? "off" : "assertive");
    this.alarmNames = names;
    const list = h("ul", { class: "advice" }, lasting.map(([, words]) => h("li", { class: "bad" }, words)));
    put(this.alarmed, names && [h("h2", { class: "sr" }, t.alarms.title), list]);
  }
}
