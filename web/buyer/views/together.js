// Seats side by side in one tap: how many is all there is to say, and the engine finds them.

import { h, put, say } from "../../shared/dom.js";
import { t } from "../language.js";
import { button } from "../shell.js";

export class Together {
  /** @param {(count: number) => Promise<unknown>} find */
  constructor(find) {
    this.find = find;
    this.label = h("p", { id: "together" });
    this.buttons = h("div", { class: "chips" });
    this.element = h("div", { class: "together", role: "group", "aria-labelledby": "together", hidden: true }, this.label, this.buttons);
  }

  /** Offers up to so many at once.
   * @param {number | null} most */
  offer(most) {
    this.isOffered = Number(most) > 1;
    if (!this.isOffered) return;
    const one = (count) => {
      const action = button(t.together(count), t.finding, () => this.find(count), "");
      action.dataset.test = `together-${count}`;
      return action;
    };
    put(this.buttons, ...Array.from({ length: most - 1 }, (_, i) => one(i + 2)));
  }

  /** Says where they are looked for: in a section, everywhere where it has no name; nowhere where it is none.
   * @param {string | null} section */
  draw(section) {
    this.element.hidden = !this.isOffered || section === null;
    if (section !== null) say(this.label, t.findTogether(section));
  }
}
