// Where those who join come from: how many from how many networks, and the networks with the most. Looked at while it is open.

import { h, put, say } from "../../shared/dom.js";
import { count, exact } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";

const LOOK_MS = 5_000;

export class Arrivals {
  constructor() {
    this.queue = h("select", { id: "arrivals-of" });
    this.queue.addEventListener("change", () => this.look());
    this.words = h("p", { class: "quiet", role: "status" });
    this.tables = h("div", { class: "pair even" });
    this.details = h(
      "details",
      {},
      h("summary", {}, t.arrivals.title),
      h("p", { class: "quiet" }, t.arrivals.means),
      h("div", { class: "field" }, h("label", { for: "arrivals-of" }, t.arrivals.queue), this.queue),
      this.words,
      this.tables,
    );
    this.details.addEventListener("toggle", () => this.look());
    this.element = h("section", { class: "panel", "aria-label": t.arrivals.title }, this.details);
    this.lookedAt = -Infinity;
  }

  /** @param {Wire.OpsNow} now */
  show({ queues }) {
    const names = queues.map(({ queue }) => queue);
    if (names.length !== this.queue.options.length) put(this.queue, names.map((name) => h("option", { value: name }, name)));
    if (performance.now() - this.lookedAt > LOOK_MS) this.look();
  }

  async look() {
    if (!this.details.open || !this.queue.value) return;
    this.lookedAt = performance.now();
    try {
      this.tell(await call("GET", `queues/${this.queue.value}/arrivals`));
    } catch (error) {
      put(this.tables);
      say(this.words, error.message);
    }
  }

  /** @param {Wire.Arrivals} arrivals */
  tell({ joins, sizes, top }) {
    say(this.words, joins === 0 ? t.arrivals.none : t.arrivals.joins(count(joins)));
    if (joins === 0) return put(this.tables);
    const sized = sizes.map(({ from, networks, joins }, at) => [size(from, sizes[at + 1]?.from), exact(networks), exact(joins)]);
    put(
      this.tables,
      table(t.arrivals.sizes, [t.arrivals.from, t.arrivals.networks, t.arrivals.people], sized),
      table(t.arrivals.top, [t.arrivals.network, t.arrivals.people, t.arrivals.agents], top.map(({ network, joins, agents }) => [network, exact(joins), exact(agents)])),
    );
  }
}

const size = (from, next) => (next === undefined ? `≥ ${exact(from)}` : next === from + 1 ? exact(from) : `${exact(from)}–${exact(next - 1)}`);

/** Its first column says what the others are of. */
function table(name, heads, rows) {
  return h(
    "table",
    {},
    h("caption", {}, name),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", {}, cell))))),
  );
}
