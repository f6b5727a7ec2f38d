// Prices and their colours. Each price has a colour of its own; where there are more prices than colours, neighbouring
// prices share one, so that no colour stands for two things.

/** So many colours there are: `--tier-0`, the dearest, and on. */
export const COLORS = 6;

export class Prices {
  #amounts = [];

  /** Takes note of prices; whether one of them is new. */
  learn(amounts) {
    const all = [...new Set([...this.#amounts, ...amounts])].sort((a, b) => b - a);
    const isNew = all.length > this.#amounts.length;
    this.#amounts = all;
    return isNew;
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
