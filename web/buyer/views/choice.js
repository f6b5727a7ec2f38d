// The seats that are chosen in a hall, and the sheet that shows them: what they cost together, what was lost of them, and one
// button that holds them all.

import { h, put, say } from "../../shared/dom.js";
import { place, price, t } from "../language.js";
import { isPlace, particulars, pricesOf } from "../prices.js";
import { button } from "../shell.js";

const SUGGESTED = 3;

/** By date: another language, or a look at the tickets, does not lose what is chosen.
 * @type {Map<number, Map<number, PlacedSeat>>} */
const chosenIn = new Map();

/** By date and seat: for whom, where that is not the first price type.
 * @type {Map<number, Map<number, string>>} */
const typesIn = new Map();
/** Likewise how many places of which area, at which price. @type {Map<number, Map<string, ChosenArea>>} */
const areasIn = new Map();

export class Choice {
  /**
   * @param {KnownSchedule} schedule
   * @param {import("../map/seats.js").Seats} hall
   * @param {{ hold: () => Promise<unknown>, toggle: (seat: PlacedSeat) => unknown, stands: () => unknown }} told
   */
  constructor(schedule, hall, told) {
    const { scheduleId } = schedule;
    this.schedule = schedule;
    this.hall = hall;
    this.told = told;
    if (!chosenIn.has(scheduleId)) chosenIn.set(scheduleId, new Map());
    /** In the order in which they were chosen. */
    this.seats = chosenIn.get(scheduleId);
    if (!typesIn.has(scheduleId)) typesIn.set(scheduleId, new Map());
    this.types = typesIn.get(scheduleId);
    if (!areasIn.has(scheduleId)) areasIn.set(scheduleId, new Map());
    /** Places to stand, by area and price type. */
    this.areas = areasIn.get(scheduleId);
    /** How many may be held at once; the server has the last word. */
    this.most = Infinity;
    /** Went to somebody else. @type {PlacedSeat[]} */
    this.lost = [];
    this.body = h("div", { class: "sheet-body" });
    // Heard at each change; what is seen has buttons, which would be read out again and again.
    this.spoken = h("p", { class: "unseen", role: "status" });
    this.element = h("div", { class: "sheet", role: "region", "aria-label": t.choose }, this.spoken, this.body);
  }

  get ids() {
    return [...this.seats.keys()];
  }

  get sum() {
    const standing = [...this.areas.values()].reduce((sum, { amount, quantity }) => sum + amount * quantity, 0);
    return [...this.seats.values()].reduce((sum, seat) => sum + this.amount(seat), standing);
  }

  /** What the seat costs at the price that is chosen for it.
   * @param {PlacedSeat} seat */
  amount(seat) {
    const chosen = pricesOf(this.schedule, seat).find(({ priceType }) => priceType === this.types.get(seat.seatId));
    return chosen?.amount ?? seat.amount;
  }

  /** What is asked for: of a seat at the first price, that is no wheelchair place, its id alone. */
  get lines() {
    return [...this.seats.values()].map((seat) => {
      const priceType = this.types.get(seat.seatId);
      const accessible = isPlace(seat) || undefined;
      return { seatId: seat.seatId, ...(priceType && { priceType }), ...(accessible && { accessible }) };
    });
  }

  /** How many seats and places are chosen. */
  get size() {
    return [...this.areas.values()].reduce((sum, { quantity }) => sum + quantity, this.seats.size);
  }

  /** How many places of an area are chosen at a price.
   * @param {AreaPrice} offer */
  standing(offer) {
    return this.areas.get(keyOf(offer))?.quantity ?? 0;
  }

  /** How many places of an area are chosen at all prices together. */
  standingIn(section) {
    return [...this.areas.values()].reduce((sum, area) => (area.section === section ? sum + area.quantity : sum), 0);
  }

  /** One place more or less of an area. Where one alone may be held, it takes the place of what was chosen.
   * @param {AreaPrice} offer
   * @param {number} by */
  stand(offer, by) {
    this.lost = [];
    if (by > 0 && this.most === 1) this.clear();
    if (by > 0 && this.size >= this.most) return this.draw(h("p", { role: "alert", "data-test": "most" }, t.atMost(this.most)));
    this.#setArea({ ...offer, quantity: this.standing(offer) + by });
    this.told.stands();
    this.draw();
  }

  /** Leaves of an area no more than there is: what was chosen last goes first. */
  leave(section, left) {
    let over = this.standingIn(section) - left;
    for (const area of [...this.areas.values()].reverse()) {
      if (area.section !== section || over <= 0) continue;
      const less = Math.min(over, area.quantity);
      over -= less;
      this.#setArea({ ...area, quantity: area.quantity - less });
    }
    this.told.stands();
  }

  /** @param {ChosenArea} area */
  #setArea(area) {
    if (area.quantity > 0) this.areas.set(keyOf(area), area);
    else this.areas.delete(keyOf(area));
  }

  clear() {
    this.seats.clear();
    this.types.clear();
    this.areas.clear();
  }

  /** Adds a seat, or takes it off. Where one alone may be held, another takes its place.
   * @param {PlacedSeat} seat */
  toggle(seat) {
    this.lost = [];
    this.types.delete(seat.seatId);
    if (this.seats.delete(seat.seatId)) return this.draw();
    if (this.most === 1) {
      this.clear();
      this.told.stands();
    }
    if (this.size >= this.most) return this.draw(h("p", { role: "alert", "data-test": "most" }, t.atMost(this.most)));
    this.seats.set(seat.seatId, seat);
    this.draw();
  }

  /** Takes seats off that somebody else has now, and says so; what is left stays chosen.
   * @param {PlacedSeat[]} seats */
  lose(seats) {
    this.lost = seats;
    for (const { seatId } of seats) (this.seats.delete(seatId), this.types.delete(seatId));
    this.draw();
  }

  /** The seats as they are now: those that were lost meanwhile. */
  renew() {
    for (const id of this.ids) {
      const now = this.hall.byId.get(id);
      if (now) this.seats.set(id, now);
    }
    return [...this.seats.values()].filter(({ seatStatus }) => seatStatus !== "AVAILABLE");
  }

  /** @param {Child[]} notes what is said above the button */
  draw(...notes) {
    const seats = [...this.seats.values()];
    const { size } = this;
    this.element.classList.toggle("open", size > 0 || this.lost.length > 0 || notes.length > 0);
    const places = [...seats.map(place), ...[...this.areas.values()].map(inWords)];
    say(this.spoken, size > 0 ? t.chosen(places.join("; "), size, price(this.sum)) : "");
    const nothing = size + this.lost.length + notes.length === 0 && h("p", { class: "quiet" }, t.pick);
    put(this.body, nothing, ...this.#losses(size), ...this.#kept(seats), ...notes, size > 0 && this.#button(size));
  }

  /** What is chosen: one seat in large, several each with a way to take it off. */
  #kept(seats) {
    if (this.size === 0) return [];
    const hint = this.most > 1 && this.size === 1 && h("p", { class: "quiet hint" }, t.pickMore);
    const notes = seats.some(isPlace) && h("p", { class: "quiet", "data-test": "place-note" }, t.placeNote);
    if (this.size === 1 && seats.length === 1) {
      return [h("p", { class: "seat-name" }, [place(seats[0]), ...particulars(seats[0])].join(", ")), this.#prices(seats[0]), notes, hint];
    }
    const line = (seat) =>
      h(
        "li",
        {},
        h("span", { class: "seat-name" }, [place(seat), ...particulars(seat)].join(", ")),
        this.#prices(seat) ?? h("span", {}, price(seat.amount)),
        h("button", { type: "button", class: "plain", "aria-label": t.drop(place(seat)), "data-test": `drop-${seat.seatId}`, onclick: () => this.#drop(seat) }, "×"),
      );
    // It is taken off where it was chosen: by the area's counter.
    const area = (area) =>
      h("li", {}, h("span", { class: "seat-name" }, inWords(area)), h("span", {}, price(area.amount * area.quantity)));
    const lines = [...seats.map(line), ...[...this.areas.values()].map(area)];
    return [h("ul", { class: "chosen", "data-test": "chosen" }, ...lines), notes];
  }

  /** The choice for whom a seat is, where there is one. */
  #prices(seat) {
    const prices = pricesOf(this.schedule, seat);
    if (prices.length < 2) return null;
    const chosen = this.types.get(seat.seatId) ?? prices[0].priceType;
    const option = ({ priceType, name, amount }) =>
      h("option", { value: priceType, selected: priceType === chosen }, `${name} · ${price(amount)}`);
    const select = /** @type {HTMLSelectElement} */ (
      h("select", { class: "price-type", "aria-label": t.priceFor(place(seat)), "data-test": `type-${seat.seatId}` }, ...prices.map(option))
    );
    select.addEventListener("change", () => {
      if (select.value === prices[0].priceType) this.types.delete(seat.seatId);
      else this.types.set(seat.seatId, select.value);
      this.draw();
      // It was drawn anew: whoever uses the keyboard goes on where they were.
      /** @type {HTMLElement | null} */
      const again = this.body.querySelector(`[data-test=type-${seat.seatId}]`);
      again?.focus();
    });
    return select;
  }

  /** The button that was pressed is gone with its seat: whoever uses the keyboard goes on at the next. */
  #drop(seat) {
    const at = this.ids.indexOf(seat.seatId);
    this.told.toggle(seat);
    /** @type {NodeListOf<HTMLElement>} */
    const left = this.body.querySelectorAll("[data-test^=drop-]");
    const next = left[Math.min(at, left.length - 1)] ?? this.body.querySelector("button");
    next?.focus();
  }

  #button(size) {
    const sum = price(this.sum);
    const text = size > 1 ? t.holdAll(size, sum) : this.areas.size > 0 ? t.holdPlace(sum) : t.hold(sum);
    const action = button(text, t.holding, this.told.hold);
    action.dataset.test = "hold";
    return action;
  }

  /** What was lost, seat by seat, and what is free near the first of it. */
  #losses(kept) {
    if (this.lost.length === 0) return [];
    const near = this.hall.near(this.lost[0], SUGGESTED, this.seats);
    const suggestion = (seat) =>
      h("button", { type: "button", "data-test": "near", onclick: () => this.told.toggle(seat) }, place(seat));
    return [
      h("p", { role: "alert", "data-test": "taken" }, t.lost(this.lost.map(place), kept), " ", t.beside(near.length)),
      h("div", { class: "row" }, ...near.map(suggestion)),
    ];
  }
}

/** A price type's name has no such sign in it.
 * @param {AreaPrice} offer */
const keyOf = ({ section, priceType }) => `${priceType ?? ""}/${section}`;

/** "Floor × 2", "Floor · Child × 2"
 * @param {ChosenArea} area */
const inWords = ({ section, name, quantity }) => t.standingPlaces([section, name].filter(Boolean).join(" · "), quantity);
