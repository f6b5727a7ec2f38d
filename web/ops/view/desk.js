// The desk: what a person holds and bought, and seats that are kept from the sale.

import { h, put } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact, money, time } from "../format.js";
import { t } from "../language.js";
import { release } from "../release.js";
import { call } from "../session.js";
import { field } from "./field.js";
import { Keeping } from "./keeping.js";

/** A number is the user's own; anything else is what their shop calls them. */
const isNumber = (text) => /^[1-9][0-9]{0,15}$/.test(text);

export class Desk {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    this.said = announcer();
    this.alert = h("p", { role: "alert", class: "alert" });
    this.found = h("div", { class: "found" });
    this.keeping = new Keeping({ moved });
    /** What seats are called, by date and seat: what was held once is still called so. @type {Map<string, string>} */
    this.called = new Map();
    /** @type {Map<number, Wire.Sale>} */
    this.dates = new Map();
    this.element = h(
      "section",
      { class: "panel desk", "aria-labelledby": "desk-title" },
      h("h2", { id: "desk-title" }, t.desk.title),
      h("div", { class: "pair even" }, h("div", { class: "lever" }, this.form(), this.alert, this.said.region, this.found), this.keeping.element),
    );
  }

  /** @param {Wire.OpsNow} now */
  show({ queues, schedules, currency }) {
    const names = queues.map(({ queue }) => queue);
    if (names.length !== this.queue.options.length) put(this.queue, names.map((name) => h("option", { value: name }, t.levers.queue(name))));
    this.currency = currency;
    this.dates = new Map(schedules.map((sale) => [sale.scheduleId, sale]));
    this.keeping.show(schedules);
  }

  form() {
    this.who = h("input", { id: "person", autocomplete: "off", spellcheck: "false", required: true, maxlength: "255" });
    const form = h(
      "form",
      { class: "inline" },
      field(t.desk.person, this.who),
      h("button", { type: "submit" }, t.desk.find),
    );
    /** In which queue somebody is given a place. */
    this.queue = h("select", { id: "place-in" });
    const give = h("button", { type: "button" }, t.desk.give);
    give.addEventListener("click", () => form.reportValidity() && this.give(this.who.value.trim(), this.queue.value));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(this.who.value.trim());
    });
    return h("div", {}, h("h3", {}, t.desk.people), form, h("p", { class: "quiet" }, t.desk.hint), h("div", { class: "inline" }, field(t.desk.placeIn, this.queue), give));
  }

  /** For whoever's device cannot show the work that a queue asks for.
   * @param {string} who
   * @param {string} queue */
  async give(who, queue) {
    put(this.alert);
    const done = await confirmed({
      title: t.desk.giveAsk(who, t.levers.queue(queue)),
      text: t.desk.giveMeans,
      verb: t.desk.giveVerb,
      act: () => call("POST", `queues/${queue}/places`, isNumber(who) ? { userId: Number(who) } : { subject: who }),
    });
    if (!done) return;
    this.said.tell(t.desk.given(who));
    await this.moved();
  }

  /** @param {string} who */
  async find(who) {
    put(this.alert);
    try {
      const user = await (isNumber(who) ? call("GET", `users/${who}`) : call("GET", `users?${new URLSearchParams({ subject: who })}`));
      await this.look(user);
    } catch (error) {
      put(this.found);
      put(this.alert, error.message);
    }
  }

  /** @param {Wire.User} user */
  async look(user) {
    const [reservations, tickets] = await Promise.all([
      call("GET", `users/${user.userId}/reservations`),
      call("GET", `users/${user.userId}/tickets`),
    ]);
    await this.learn(reservations, tickets);
    put(
      this.found,
      h("h4", {}, t.desk.user(user.userId), " ", h("span", { class: "quiet" }, t.desk.balance(this.amount(user.balance)))),
      reservations.length === 0 && h("p", { class: "quiet" }, t.desk.nothing),
      h("ul", { class: "bookings", "aria-label": t.desk.bookings }, reservations.map((one) => this.booking(one, user))),
    );
  }

  /** What seats are called: of those that are paid the tickets say it, of those that are held the list of holds, as far as it
   * goes.
   * @param {Wire.Reservation[]} reservations
   * @param {Wire.SeatTicket[]} tickets */
  async learn(reservations, tickets) {
    for (const ticket of tickets) this.called.set(`${ticket.scheduleId}/${ticket.seatId}`, called(ticket));
    const dates = new Set(reservations.filter(({ status }) => status === "TEMP_RESERVED").map(({ scheduleId }) => scheduleId));
    for (const date of dates) {
      const { holds } = await call("GET", `ops/holds?scheduleId=${date}`);
      for (const { seats } of holds) for (const seat of seats) this.called.set(`${date}/${seat.seatId}`, called(seat));
    }
  }

  /**
   * @param {Wire.Reservation} one
   * @param {Wire.User} user
   */
  booking(one, user) {
    const { reservationId, scheduleId, seatIds, status, amount, reservedUntil, paidAt } = one;
    /** Whom a seat is for, where its date has prices for several: by the name that the catalog has for it. */
    const whom = (at) => (one.seats?.[at].priceType ? ` (${one.seats[at].priceType})` : "");
    const seats = seatIds.map((seat, at) => (this.called.get(`${scheduleId}/${seat}`) ?? t.desk.seat(seat)) + whom(at)).join(", ");
    const date = this.dates.get(scheduleId);
    const held = status === "TEMP_RESERVED";
    const when = held ? t.desk.until(time(reservedUntil)) : paidAt ? t.desk.paid(time(paidAt)) : "";
    const release = held && h("button", { type: "button", "aria-label": t.holds.releaseOf(reservationId) }, t.holds.release);
    if (release) release.addEventListener("click", () => this.release(one, seats, user));
    const paid = status === "RESERVED";
    const anew = paid && h("button", { type: "button", "aria-label": t.desk.reissueOf(reservationId) }, t.desk.reissue);
    if (anew) anew.addEventListener("click", () => this.reissue(one, seats, user));
    return h(
      "li",
      {},
      h("p", {}, h("strong", {}, seats), " ", h("span", { class: "state" }, t.desk.states[status]), when && ` · ${when}`),
      h("p", { class: "quiet" }, h("bdi", {}, date?.concertTitle ?? t.desk.date(scheduleId)), ` · ${this.amount(amount)} · ${t.desk.reservation(reservationId)}`),
      release,
      anew,
    );
  }

  /**
   * @param {Wire.Reservation} one
   * @param {string} seats
   * @param {Wire.User} user
   */
  async reissue({ reservationId }, seats, user) {
    const done = await confirmed({
      title: t.desk.reissueAsk(reservationId),
      text: t.desk.reissueMeans(user.userId, seats),
      verb: t.desk.reissueVerb,
      grave: true,
      reason: true,
      act: (reason) => call("POST", `reservations/${reservationId}/reissue`, { reason }),
    });
    if (!done) return;
    this.said.tell(t.desk.reissued(reservationId));
    await this.look(user);
  }

  /**
   * @param {Wire.Reservation} one
   * @param {string} seats
   * @param {Wire.User} user
   */
  async release({ reservationId }, seats, user) {
    let recorded = false;
    const done = await confirmed({
      title: t.holds.ask(reservationId),
      text: t.holds.loses(user.userId, seats),
      verb: t.holds.verb,
      grave: true,
      reason: true,
      act: async (reason) => {
        recorded = await release(reservationId, reason);
      },
    });
    if (!done) return;
    this.said.tell(t.holds.done(reservationId, recorded));
    await Promise.all([this.look(user), this.moved()]);
  }

  /** @param {number} amount */
  amount(amount) {
    return this.currency ? money(amount, this.currency) : exact(amount);
  }
}

const called = ({ seatId, section, row, number }) => [section, row, number].filter(Boolean).join("-") || t.desk.seat(seatId);
