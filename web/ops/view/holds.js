// Who holds seats of a date, each to be released.

import { h, put, say } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact, money, time } from "../format.js";
import { t } from "../language.js";
import { release } from "../release.js";

export class Holds {
  /** @param {{ released: () => Promise<void> }} told */
  constructor({ released }) {
    this.released = released;
    this.title = h("h3", {}, t.holds.title);
    this.said = announcer();
    this.body = h("tbody");
    this.element = h(
      "div",
      { class: "holds" },
      this.title,
      this.said.region,
      h(
        "div",
        { class: "scroll tall", tabindex: "0", role: "region", "aria-label": t.holds.title },
        h("table", {}, h("thead", {}, h("tr", {}, t.holds.head.map((name) => h("th", { scope: "col" }, name)))), this.body),
      ),
    );
  }

  /**
   * @param {Wire.OpsHolds} held
   * @param {string | undefined} currency
   */
  show({ holds, total }, currency) {
    say(this.title, total > holds.length ? t.holds.some(exact(holds.length), exact(total)) : t.holds.all(exact(total)));
    // A row is left alone while it stands, so that the button under a finger stays where it is.
    const text = JSON.stringify(holds);
    if (text === this.text) return;
    this.text = text;
    put(this.body, holds.length > 0 ? holds.map((hold) => this.row(hold, currency)) : h("tr", {}, h("td", { colspan: "6", class: "quiet" }, t.holds.none)));
  }

  /**
   * @param {Wire.OpsHold} hold
   * @param {string | undefined} currency
   */
  row(hold, currency) {
    const { reservationId, userId, seats, amount, reservedUntil } = hold;
    const names = seats.map(({ seatId, section, row, number }) => [section, row, number].filter(Boolean).join("-") || String(seatId)).join(", ");
    const button = h("button", { type: "button", "aria-label": t.holds.releaseOf(reservationId) }, t.holds.release);
    button.addEventListener("click", () => this.release(hold, names));
    return h(
      "tr",
      {},
      h("th", { scope: "row", class: "number" }, String(reservationId)),
      h("td", { class: "number" }, String(userId)),
      h("td", {}, names),
      h("td", { class: "number" }, currency ? money(amount, currency) : exact(amount)),
      h("td", { class: "number" }, time(reservedUntil)),
      h("td", {}, button),
    );
  }

  /**
   * @param {Wire.OpsHold} hold
   * @param {string} names
   */
  async release({ reservationId, userId }, names) {
    let recorded = false;
    const done = await confirmed({
      title: t.holds.ask(reservationId),
      text: t.holds.loses(userId, names),
      verb: t.holds.verb,
      grave: true,
      reason: true,
      act: async (reason) => {
        recorded = await release(reservationId, reason);
      },
    });
    if (!done) return;
    this.said.tell(t.holds.done(reservationId, recorded));
    await this.released();
  }
}
