// Seats side by side in one tap: how many is all there is to say, and for whom where that has a price of its own. The engine
// finds them.

import { h, put, say } from "../../shared/dom.js";
import { t } from "../language.js";
import { named } from "../prices.js";
import { button } from "../shell.js";

export class Together {
  /**
   * @param {Wire.CatalogPriceType[]} types the first is that of whoever is not counted otherwise
   * @param {(count: number) => Promise<unknown>} find
   */
  constructor(types, find) {
    this.types = types;
    this.find = find;
    this.label = h("p", { id: "together" });
    this.buttons = h("div", { class: "chips" });
    this.counts = h("div", { class: "row counts" });
    this.element = h(
      "div",
      { class: "together", role: "group", "aria-labelledby": "together", hidden: true },
      this.label, this.counts, this.buttons,
    );
    /** How many of them, by price type. @type {Map<string, number>} */
    this.chosen = new Map();
    /** How many of them are to be wheelchair places. */
    this.places = 0;
  }

  /** Offers up to so many at once.
   * @param {number | null} most */
  offer(most) {
    this.most = Number(most);
    this.isOffered = this.most > 1;
    if (!this.isOffered) return;
    put(this.counts, ...this.types.slice(1).map((type) => this.#counter(type)));
    if (this.hasPlaces) this.offerPlaces();
    this.#drawButtons();
  }

  /** There are wheelchair places: some of the seats may be such. */
  offerPlaces() {
    this.hasPlaces = true;
    if (!this.isOffered || this.counts.querySelector("[data-test=count-places]")) return;
    this.counts.append(this.#select(t.places, "places", (count) => (this.places = count)));
  }

  /** @param {Wire.CatalogPriceType} type */
  #counter(type) {
    return this.#select(named(type), type.priceType, (count) => this.chosen.set(type.priceType, count));
  }

  #select(label, name, take) {
    const option = (count) => h("option", { value: String(count) }, String(count));
    const select = /** @type {HTMLSelectElement} */ (
      h("select", { "data-test": `count-${name}` }, ...Array.from({ length: this.most + 1 }, (_, count) => option(count)))
    );
    select.addEventListener("change", () => {
      take(Number(select.value));
      this.#drawButtons();
    });
    return h("label", {}, label, " ", select);
  }

  /** As many as are counted, at least: who says three children does not look for two seats. */
  #drawButtons() {
    const least = Math.max(this.#counted, this.places, 1);
    const one = (count) => {
      const action = button(t.together(count), t.finding, () => this.find(count), "");
      action.dataset.test = `together-${count}`;
      return action;
    };
    const counts = Array.from({ length: this.most }, (_, i) => i + 1);
    // One alone is what the map is for, unless it is a kind that has to be looked for.
    put(this.buttons, ...counts.filter((count) => count >= least && (count > 1 || this.#counted + this.places > 0)).map(one));
  }

  get #counted() {
    return [...this.chosen.values()].reduce((sum, count) => sum + count, 0);
  }

  /** What of a wish for so many seats is said here.
   * @param {number} count */
  wish(count) {
    const [first] = this.types;
    const others = [...this.chosen].filter(([, count]) => count > 0).map(([priceType, count]) => ({ priceType, count }));
    const rest = count - this.#counted;
    const all = rest > 0 && first ? [{ priceType: first.priceType, count: rest }, ...others] : others;
    return { ...(others.length > 0 && { priceTypes: all }), ...(this.places > 0 && { accessible: this.places }) };
  }

  /** Says where they are looked for: in a section, everywhere where it has no name; nowhere where it is none.
   * @param {string | null} section */
  draw(section) {
    this.element.hidden = !this.isOffered || section === null;
    if (section !== null) say(this.label, t.findTogether(section));
  }
}
