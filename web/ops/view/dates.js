// How each date sells, and where its seats are.

import { h, put, say } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { count, exact, percent } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { Heat } from "./heat.js";
import { Times } from "./times.js";

export class Dates {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    /** @type {Map<number, DateRow>} */
    this.rows = new Map();
    this.said = announcer();
    this.heat = new Heat();
    this.body = h("tbody");
    /** Of the date that is looked at. @type {Times | null} */
    this.times = null;
    /** @type {number | null} */
    this.looked = null;
    this.timesPlace = h("div");
    this.element = h(
      "section",
      { class: "panel", "aria-labelledby": "dates-title" },
      h("h2", { id: "dates-title" }, t.dates.title),
      this.said.region,
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": t.dates.title },
        h("table", { class: "dates" }, h("thead", {}, h("tr", {}, t.dates.head.map((name) => h("th", { scope: "col" }, name)))), this.body),
      ),
      this.timesPlace,
      this.heat.element,
    );
  }

  mounted() {
    this.heat.mounted();
  }

  stop() {
    this.heat.stop();
  }

  /** @param {Wire.OpsNow} now */
  show({ schedules, currency }) {
    const known = new Set(schedules.map(({ scheduleId }) => scheduleId));
    for (const [id, row] of this.rows) {
      if (!known.has(id)) {
        row.element.remove();
        this.rows.delete(id);
      }
    }
    for (const sale of schedules) {
      if (!this.rows.has(sale.scheduleId)) {
        const row = new DateRow(this);
        this.rows.set(sale.scheduleId, row);
        this.body.append(row.element);
      }
      this.rows.get(sale.scheduleId).show(sale);
    }
    if (this.heat.schedule === null && schedules.length > 0) this.pick(schedules[0]);
    const looked = schedules.find(({ scheduleId }) => scheduleId === this.looked);
    if (looked) this.times.show([looked.onSaleAt, looked.offSaleAt]);
    this.heat.look(currency);
  }

  /** @param {Wire.Sale} sale */
  pick(sale) {
    this.heat.pick(sale);
    this.looked = sale.scheduleId;
    const name = `${sale.concertTitle} (${sale.scheduleId})`;
    this.times = new Times(String(sale.scheduleId), ["onSaleAt", "offSaleAt"], {
      name,
      means: t.times.dateMeans,
      patch: (change) => call("PATCH", `schedules/${sale.scheduleId}`, change),
      done: async (asked) => {
        const done = await confirmed(asked);
        if (done) {
          this.said.tell(t.times.dateDone(name));
          await this.moved();
        }
        return done;
      },
    });
    this.times.show([sale.onSaleAt, sale.offSaleAt]);
    put(this.timesPlace, h("h3", {}, name), this.times.element);
    this.rows.forEach((row, id) => row.seats.setAttribute("aria-pressed", String(id === sale.scheduleId)));
  }

  /** @param {Wire.Sale} sale */
  async close(sale) {
    const closed = !sale.closed;
    const name = `${sale.concertTitle} (${sale.scheduleId})`;
    const done = await confirmed({
      title: closed ? t.dates.closeAsk(name) : t.dates.resumeAsk(name),
      text: closed ? t.dates.closeMeans : t.dates.resumeMeans,
      verb: closed ? t.dates.closeVerb : t.dates.resumeVerb,
      grave: closed,
      act: () => call("PATCH", `schedules/${sale.scheduleId}`, { closed }),
    });
    if (!done) return;
    this.said.tell(closed ? t.dates.closed(name) : t.dates.resumed(name));
    await this.moved();
  }

  /** Whether holds may leave single seats. Whether it was changed.
   * @param {Wire.Sale} sale
   * @param {Wire.Sale["orphans"]} orphans */
  async setOrphans(sale, orphans) {
    const name = `${sale.concertTitle} (${sale.scheduleId})`;
    const words = t.dates.orphans;
    const done = await confirmed({
      title: t.dates.orphansAsk(name),
      text: t.dates.orphansMean,
      changes: [[t.dates.orphansOf(name), words[sale.orphans], words[orphans]]],
      verb: t.dates.orphansVerb,
      act: () => call("PATCH", `schedules/${sale.scheduleId}`, { orphans }),
    });
    if (!done) return false;
    this.said.tell(t.dates.orphansDone(name, words[orphans]));
    await this.moved();
    return true;
  }
}

class DateRow {
  /** @param {Dates} dates */
  constructor(dates) {
    this.cells = Array.from({ length: 4 }, () => h("td", { class: "number" }));
    this.name = h("th", { scope: "row" });
    this.bar = h("meter", { min: "0", low: "0", "aria-label": t.dates.through });
    this.share = h("span", { class: "number" });
    this.lever = h("button", { type: "button" });
    this.lever.addEventListener("click", () => dates.close(this.sale));
    this.orphans = h("select", {}, ...["allow", "prefer", "refuse"].map((value) => h("option", { value }, t.dates.orphans[value])));
    this.orphans.addEventListener("change", async () => {
      const { orphans } = this.sale;
      const isDone = await dates.setOrphans(this.sale, /** @type {Wire.Sale["orphans"]} */ (this.orphans.value));
      if (!isDone) this.orphans.value = orphans;
    });
    this.seats = h("button", { type: "button", "aria-pressed": "false" }, t.dates.show);
    this.seats.addEventListener("click", () => dates.pick(this.sale));
    this.element = h(
      "tr",
      {},
      this.name,
      this.cells,
      h("td", {}, h("span", { class: "through" }, this.bar, this.share)),
      h("td", {}, this.lever),
      h("td", {}, this.orphans),
      h("td", {}, this.seats),
    );
  }

  /** @param {Wire.Sale} sale */
  show(sale) {
    this.sale = sale;
    const { concertTitle, startsAt, totalSeats, soldSeats, heldSeats, availableSeats, withheldSeats, closed, orphans } = sale;
    const name = `${concertTitle}, ${startsAt.slice(0, 16).replace("T", " ")}`;
    if (this.name.textContent !== name) put(this.name, h("bdi", {}, concertTitle), name.slice(concertTitle.length));
    [soldSeats, heldSeats, availableSeats, withheldSeats].forEach((value, i) => say(this.cells[i], exact(value)));
    this.bar.max = Math.max(totalSeats, 1);
    this.bar.value = soldSeats;
    say(this.share, percent(soldSeats, totalSeats));
    say(this.lever, closed ? t.dates.resume : t.dates.close);
    this.lever.setAttribute("aria-label", closed ? t.dates.resumeOf(name) : t.dates.closeOf(name));
    // What somebody is just choosing is not taken out of their hand.
    if (document.activeElement !== this.orphans) this.orphans.value = orphans;
    this.orphans.setAttribute("aria-label", t.dates.orphansOf(name));
    this.seats.setAttribute("aria-label", t.dates.showSeats(count(totalSeats), name));
  }
}
