// Areas where people stand, beside the map: for each a counter, in the same choice as the seats.

import { h, say } from "../../shared/dom.js";
import { price, t } from "../language.js";

export class Areas {
  /**
   * @param {Wire.CatalogSection[]} areas
   * @param {import("../map/seats.js").Seats} hall
   * @param {import("./choice.js").Choice} choice
   */
  constructor(areas, hall, choice) {
    this.hall = hall;
    this.choice = choice;
    this.counters = areas.map((area) => this.#counter(area));
    const title = h("p", { id: "standing" }, t.standing);
    this.element = h("div", { class: "areas", role: "group", "aria-labelledby": "standing", hidden: areas.length === 0 }, title, ...this.counters.map(({ element }) => element));
  }

  /** Shows what is left, and what is chosen. */
  draw() {
    for (const { area, left, number, less, more } of this.counters) {
      const free = this.hall.free.get(area.section);
      const chosen = this.choice.areas.get(area.section)?.quantity ?? 0;
      say(left, free === undefined ? "" : free === 0 ? t.soldOut : t.leftShort(free));
      say(number, String(chosen));
      enable(less, chosen > 0);
      enable(more, chosen < (free ?? Infinity));
    }
  }

  /** @param {Wire.CatalogSection} area */
  #counter(area) {
    const name = t.section(area.section);
    const step = (text, label, by) => {
      const press = (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && this.choice.stand(area, by);
      return h("button", { type: "button", "aria-label": label, "data-test": `${by > 0 ? "more" : "less"}-${area.section}`, onclick: press }, text);
    };
    const [less, more] = [step("−", t.fewer(name), -1), step("+", t.oneMore(name), 1)];
    const [left, number] = [h("span", { class: "quiet" }), h("span", { class: "number" })];
    // The choice says aloud what is chosen, so the number is only seen.
    number.setAttribute("aria-hidden", "true");
    const element = h("div", { class: "area", role: "group", "aria-label": name },
      h("span", {}, h("strong", {}, name), " ", price(area.amountMin), " ", left),
      h("span", { class: "counter" }, less, number, more),
    );
    return { area, left, number, less, more, element };
  }
}

/** A button that does nothing just now stays where the keyboard is. */
function enable(button, can) {
  if (can) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}
