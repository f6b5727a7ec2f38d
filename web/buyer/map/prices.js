// Prices and their colours. Each price has a colour of its own; where there are more prices than colours, neighbouring
// prices share one, so that no colour stands for two things.

/** So many colours there are: `--tier-0`, the dearest, and on. */
export const COLORS = 6;

export class Prices {
  #amounts = [];
  /** The categories of each price. @type {Map<number, Set<string>>} */
  #categories = new Map();

  /** Takes note of prices; whether one of them is new. */
  learn(amounts) {
    const all = [...new Set([...this.#amounts, ...amounts])].sort((a, b) => b - a);
    const isNew = all.length > this.#amounts.length;
    this.#amounts = all;
    return isNew;
  }

  /** Takes note of what seats at a price are called; whether anything of it is new.
   * @param {Wire.Seat[]} seats */
  name(seats) {
    let isNew = false;
    for (const { amount, category } of seats) {
      if (!category) continue;
      const known = this.#categories.get(amount) ?? new Set();
      if (known.has(category)) continue;
      this.#categories.set(amount, known.add(category));
      isNew = true;
    }
    return isNew;
  }

  /** What seats at the prices of a colour are called.
   * @param {{ least: number, most: number }} band */
  categories({ least, most }) {
    const within = [...this.#categories].filter(([amount]) => least <= amount && amount <= most);
    return [...new Set(within.flatMap(([, names]) => [...names]))].sort();
  }

  /** The colour of a price. */
  color(amount) {
    const at = this.#amounts.findIndex((known) => known <= amount);
    return this.#colorAt(at < 0 ? this.#amounts.length - 1 : at);
  }

  #colorAt(index) {
    const count = this.#amounts.length;
    return count <= COLORS ? index : Math.floor((index * COLORS) / count);
  }

  /** What each colour stands for, the dearest first: `{ color, least, most }`. */
  get bands() {
    const bands = [];
    this.#amounts.forEach((amount, index) => {
      const color = this.#colorAt(index);
      if (bands.at(-1)?.color === color) bands.at(-1).least = amount;
      else bands.push({ color, least: amount, most: amount });
    });
    return bands;
  }
}
