// Areas where people stand, beside the map: for each a counter, in the same choice as the seats; where there are prices for
// several, a counter for each of them.

import { h, say } from "../../shared/dom.js";
import { price, t } from "../language.js";
import { pricesOf } from "../prices.js";

export class Areas {
  /**
   * @param {KnownSchedule} schedule
   * @param {Wire.CatalogSection[]} areas
   * @param {import("../map/seats.js").Seats} hall
   * @param {import("./choice.js").Choice} choice
   */
  constructor(schedule, areas, hall, choice) {
    this.schedule = schedule;
    this.hall = hall;
    this.choice = choice;
    this.shown = areas.map((area) => this.#area(area));
    const title = h("p", { id: "standing" }, t.standing);
    this.element = h("div", { class: "areas", role: "group", "aria-labelledby": "standing", hidden: areas.length === 0 }, title, ...this.shown.map(({ element }) => element));
  }

  /** Shows what is left, and what is chosen. */
  draw() {
    for (const { section, left, counters } of this.shown) {
      const free = this.hall.free.get(section);
      say(left, free === undefined ? "" : free === 0 ? t.soldOut : t.leftShort(free));
      const isMore = this.choice.standingIn(section) < (free ?? Infinity);
      for (const { offer, number, less, more } of counters) {
        const chosen = this.choice.standing(offer);
        say(number, String(chosen));
        enable(less, chosen > 0);
        enable(more, isMore);
      }
    }
  }

  /** @param {Wire.CatalogSection} area */
  #area({ section: name = "", amountMin, prices }) {
    const left = h("span", { class: "quiet" });
    const offers = pricesOf(this.schedule, { amount: amountMin, prices });
    if (offers.length < 2) {
      const counter = this.#counter({ section: name, amount: amountMin }, name);
      const head = h("span", {}, h("strong", {}, name), " ", price(amountMin), " ", left);
      return { section: name, left, counters: [counter], element: h("div", { class: "area", role: "group", "aria-label": name }, head, counter.element) };
    }
    // The first price is what is asked for where none is named.
    const counters = offers.map((offer, at) => this.#counter({ section: name, ...offer, ...(at === 0 && { priceType: undefined }) }, `${name} · ${offer.name}`));
    const lines = counters.map(({ offer, element }) => h("div", { class: "area" }, h("span", {}, offer.name, " ", price(offer.amount)), element));
    const head = h("p", {}, name, " ", left);
    return { section: name, left, counters, element: h("div", { class: "areas", role: "group", "aria-label": name }, head, ...lines) };
  }

  /**
   * @param {AreaPrice} offer
   * @param {string} name
   */
  #counter(offer, name) {
    const test = [offer.section, offer.priceType].filter(Boolean).join("-");
    const step = (text, label, by) => {
      const press = (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && this.choice.stand(offer, by);
      return h("button", { type: "button", "aria-label": label, "data-test": `${by > 0 ? "more" : "less"}-${test}`, onclick: press }, text);
    };
    const [less, more] = [step("−", t.fewer(name), -1), step("+", t.oneMore(name), 1)];
    const number = h("span", { class: "number" });
    // The choice says aloud what is chosen, so the number is only seen.
    number.setAttribute("aria-hidden", "true");
    return { offer, number, less, more, element: h("span", { class: "counter" }, less, number, more) };
  }
}

/** A button that does nothing just now stays where the keyboard is. */
function enable(button, can) {
  if (can) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}
