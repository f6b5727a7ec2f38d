// Looks at the server once a second and has each part of the page show what it saw.

import { h, put } from "../shared/dom.js";
import { places } from "./format.js";
import { call } from "./session.js";
import { Advice } from "./view/advice.js";
import { Audit } from "./view/audit.js";
import { Charts } from "./view/charts.js";
import { Dates } from "./view/dates.js";
import { Levers } from "./view/levers.js";
import { Tables } from "./view/tables.js";
import { Tiles } from "./view/tiles.js";

const LOOK_MS = 1_000;

export class Night {
  constructor(view, { onstate, onlocked }) {
    Object.assign(this, { view, onstate, onlocked });
    this.audit = new Audit();
    this.audit.list([]);
    /** The newest lever that is listed. */
    this.recorded = null;
    const moved = () => this.look();
    this.parts = [
      new Advice(),
      new Levers({ moved }),
      new Tiles(),
      new Charts(),
      this.audit,
      new Dates({ moved }),
      new Tables(),
    ];
  }

  start() {
    const [advice, levers, tiles, charts, audit, dates, tables] = this.parts.map((part) => part.element);
    // What one comes for in a hurry is on the first screen, of a phone too: what goes on, and what to do about it.
    put(this.view, h("h1", { class: "sr" }, "The night"), advice, h("div", { class: "pair" }, levers, audit), tiles, charts, dates, tables);
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
      this.onstate("live", true);
    } catch (error) {
      if (this.stopped) return;
      if (error.status === 401) this.onlocked();
      else this.onstate("no answer, trying again", false);
    }
  }
}
