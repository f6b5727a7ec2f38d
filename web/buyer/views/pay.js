// Paying a hold while its clock runs: what it costs, what the wallet has, and one button that pays once.

import { Refused } from "../../shared/api.js";
import { until } from "../../shared/clock.js";
import { h, put, renew, say } from "../../shared/dom.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import { hour, money, price, t, when } from "../language.js";
import { forWhom } from "../prices.js";
import * as queue from "../queue.js";
import { refusal } from "../refusal.js";
import * as sale from "../sale.js";
import { button, confirm, notice, trying } from "../shell.js";
import * as store from "../store.js";
import { running, soonest } from "./holds.js";
import { seatNames } from "./names.js";

export async function show(root, [id], signal) {
  const all = await booking.owned(signal, trying);
  notice("busy", null);
  const reservation = all.find((one) => one.reservationId === Number(id));
  if (!reservation) return put(root, h("h1", {}, t.unknownPage), h("a", { href: "#/mine" }, t.mine));
  if (reservation.status === "RESERVED") return go(`#/ticket/${id}`);
  document.title = `${t.payTitle(reservation.seatIds.length)} · ${t.title}`;
  const schedule = await catalog.schedule(reservation.scheduleId);
  const own = schedule && store.token(schedule.concert.queue);
  const token = own && store.ownerOf(own) === store.ownerOf(reservation.token) ? own : reservation.token;
  await new Pay(root, reservation, schedule, token, signal).run();
}

/** On to another view in the place of this one: Back leads to where the buyer came from, not through here again. */
const go = (address) => location.replace(address);

/** Why there is nothing to pay any more.
 * @param {Wire.Reservation} reservation */
const lapsedAs = ({ status, seatIds }) =>
  ["CANCELLED", "RELEASED"].includes(status) ? `${t.status[status]}.` : t.holdOver(seatIds.length);

class Pay {
  /**
   * @param {Element} root
   * @param {Owned} reservation
   * @param {KnownSchedule | undefined} schedule
   * @param {string} token
   * @param {AbortSignal} signal
   */
  constructor(root, reservation, schedule, token, signal) {
    this.root = root;
    this.reservation = reservation;
    this.schedule = schedule;
    this.token = token;
    this.signal = signal;
    this.clock = h("p", { class: "place", "data-test": "hold-clock", role: "timer" });
    /** A way to more time, in the last minute, where there is one. */
    this.longer = h("div", { class: "longer" });
    this.isRefusedTime = false;
    this.balance = h("dd", {});
    this.actions = h("div", { class: "actions" });
    this.errors = h("div");
    this.ends = h("p", { class: "note", "data-test": "ends" });
    this.others = h("p", { class: "note", "data-test": "others" });
    this.seats = h("ul", { class: "seat-name", "data-test": "seats" });
    /** Whether something else is held, so that paying does not end the visit. */
    this.holdsMore = false;
    put(root, 
      h(
        "section",
        { class: "panel hero" },
        h("h1", {}, t.payTitle(reservation.seatIds.length)),
        h("p", {}, schedule?.concert.title, schedule && ` · ${when(schedule)}`),
        this.seats,
        h("p", { class: "label" }, t.holdLeft),
        this.clock,
        this.longer,
        h("dl", {}, h("dt", {}, t.price), h("dd", {}, money(reservation.amount)), h("dt", {}, t.wallet), this.balance),
        this.others,
        this.ends,
        this.errors,
        this.actions,
      ),
    );
  }

  async run() {
    const whom = forWhom(this.reservation, this.schedule);
    const line = (name, at) => h("li", {}, name, whom[at] && h("span", { class: "quiet", "data-test": "price-type" }, `${whom[at].name} · ${price(whom[at].amount)}`));
    seatNames(this.reservation, this.token).then((names) => put(this.seats, ...names.map(line)));
    const timer = setInterval(() => this.tick(), 250);
    this.signal.addEventListener("abort", () => clearInterval(timer));
    // Another tab charged, paid or gave back.
    booking.watch(() => this.look(), this.signal);
    this.tick();
    if (this.over) return;
    // What was sent and not answered before this page was closed is sent again, with its key.
    if (booking.payPending(this.reservation.reservationId)) return this.pay();
    if (booking.chargePending(this.reservation.reservationId)) return this.charge();
    queue.watch(() => this.warnOfEnd(), this.signal);
    this.warnOfEnd();
    await Promise.all([this.ask(), this.warnOfOthers()]);
  }

  /** Paying the last of what is held ends the visit: who wants more should know before, and may still choose. */
  warnOfEnd() {
    const name = this.schedule?.concert.queue;
    const inside = !this.over && queue.sessions().some((session) => session.queue === name);
    const words = inside ? (this.holdsMore ? t.payGoesOn : t.payEnds) : "";
    if (words === (this.ends.firstChild?.textContent ?? "")) return;
    const more = h("a", { href: `#/hall/${this.reservation.scheduleId}`, "data-test": "more" }, t.payMore);
    put(this.ends, ...(inside ? [words, " ", more] : []));
  }

  /** Whoever holds another seat has two clocks and two payments. */
  async warnOfOthers() {
    const held = await booking.held(this.token, this.signal);
    const others = soonest(held.filter(({ reservationId }) => reservationId !== this.reservation.reservationId));
    if (others.length === 0 || this.over) return;
    const opens = ({ scheduleId }) => catalog.known(scheduleId)?.concert.queue === this.schedule?.concert.queue;
    this.holdsMore = others.some(opens);
    this.warnOfEnd();
    const link = running(others[0], t.payOther, this.signal, {});
    put(this.others, t.payOthers(others.length, hour(others[0].reservedUntil)), " ", link);
  }

  tick() {
    const held = this.reservation.status === "TEMP_RESERVED";
    const left = held ? until(this.reservation.reservedUntil) : 0;
    say(this.clock, t.clock(left));
    this.clock.classList.toggle("urgent", left < 60_000);
    this.offerLonger(left > 0 && left < 60_000 && this.reservation.extendable && !this.isRefusedTime && !this.over);
    // A payment on its way is answered by the server's clock, not by ours.
    if (left > 0 || this.over || this.paying) return;
    this.lapse();
    // Another tab may have paid in the last second.
    if (held) this.look();
  }

  /** Shows the way to more time, or takes it away. */
  offerLonger(isOffered) {
    if (isOffered === this.longer.hasChildNodes()) return;
    if (!isOffered) return put(this.longer);
    const more = button(t.moreTime, t.askingTime, () => this.extend(), "");
    more.dataset.test = "extend";
    put(this.longer, more);
  }

  async extend() {
    put(this.errors);
    try {
      await booking.extend(this.reservation.reservationId, this.token);
      notice("extended", t.moreTimeGiven, 6_000);
    } catch (error) {
      put(this.errors, ...refusal(error, { next: [] }));
      // To press again in the same minute would be answered alike.
      if (error instanceof Refused) this.isRefusedTime = true;
    }
    this.look();
  }

  lapse(message = lapsedAs(this.reservation)) {
    this.over = true;
    this.warnOfEnd();
    this.clock.classList.remove("urgent");
    this.offerLonger(false);
    put(this.actions, 
      h("p", { role: "alert", "data-test": "lapsed" }, message),
      h("a", { class: "button primary", href: `#/hall/${this.reservation.scheduleId}` }, t.toMap),
    );
  }

  /** Asks how it stands, and shows it. */
  async ask() {
    const known = await booking.standing(this.reservation.reservationId, this.token, this.signal, trying);
    notice("busy", null);
    this.show(known);
  }

  /** The same beside what the buyer does: where there is no answer, what is shown stays. */
  look() {
    this.ask().catch(() => {});
  }

  /** Shows how the booking stands.
   * @param {Booking} known */
  show({ reservation, balance }) {
    if (reservation?.status === "RESERVED") return this.done();
    // A call that is under way tells itself how it went.
    if (this.over || this.busy) return;
    if (reservation) Object.assign(this.reservation, reservation);
    if (this.reservation.status === "TEMP_RESERVED") this.drawBalance(balance);
    else this.tick();
  }

  drawBalance(balance) {
    say(this.balance, money(balance));
    const { amount } = this.reservation;
    const missing = amount - balance;
    const pay = button(t.pay(money(amount)), t.paying, () => this.pay());
    pay.dataset.test = "pay";
    const short = missing > 0 && h("p", {}, t.missing(money(missing)));
    if (short && !sale.isChargeOpen()) {
      renew(this.actions, short, h("p", { class: "quiet" }, t.chargeOff), this.giveBack());
      return;
    }
    const charge = short && button(t.charge(money(missing)), t.charging, () => this.charge());
    if (charge) charge.dataset.test = "charge";
    renew(this.actions,
      ...[short, charge || pay, this.giveBack()].filter(Boolean),
    );
  }

  async charge() {
    if (this.busy) return;
    this.busy = true;
    put(this.errors);
    try {
      const { reservationId, amount } = this.reservation;
      const known = await booking.chargeMissing(reservationId, amount, this.token, trying);
      this.busy = false;
      this.show(known);
      this.actions.querySelector("button")?.focus();
    } catch (error) {
      const limited = error.code === "AMOUNT_INVALID" ? { text: t.chargeLimited, next: [t.mine, "#/mine"] } : {};
      put(this.errors, ...refusal(error, { ...limited, retry: () => this.charge() }));
    } finally {
      this.busy = false;
      notice("busy", null);
    }
  }

  async pay() {
    if (this.busy) return;
    this.busy = this.paying = true;
    put(this.errors);
    try {
      await booking.pay(this.reservation.reservationId, this.token, trying);
      this.done();
    } catch (error) {
      this.refused(error);
    } finally {
      this.busy = this.paying = false;
      notice("busy", null);
    }
  }

  /** Paid: here, or in another tab. */
  done() {
    if (this.paid) return;
    this.paid = this.over = true;
    if (this.schedule) queue.refresh(this.schedule.concert.queue).catch(() => {});
    notice("paid", t.paid, 10_000);
    if (!this.signal.aborted) go(`#/ticket/${this.reservation.reservationId}`);
  }

  refused(error) {
    if (error instanceof Refused) {
      if (error.code === "ALREADY_PAID") return this.done();
      if (error.code === "HOLD_EXPIRED") return this.lapse(error.message);
    }
    this.busy = this.paying = false;
    put(this.errors, ...refusal(error, { next: error.code === "INSUFFICIENT_BALANCE" ? [] : undefined }));
    this.look();
  }

  giveBack() {
    const seats = this.reservation.seatIds.length;
    const release = async () => {
      if (!(await confirm(t.releaseAsk(seats), t.releaseYes(seats)))) return;
      try {
        await booking.giveBack(this.reservation.reservationId, this.token);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (error.code === "ALREADY_PAID") return this.done();
      }
      location.hash = `#/hall/${this.reservation.scheduleId}`;
    };
    return h("button", { type: "button", class: "plain", onclick: release, "data-test": "release" }, t.release(seats));
  }
}
