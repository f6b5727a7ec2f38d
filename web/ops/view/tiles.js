// The figures that one looks at first.

import { h, say } from "../../shared/dom.js";
import { count, milliseconds, money, percent, seconds } from "../format.js";
import { t } from "../language.js";

/** @type {[name: string, read: (now: Wire.OpsNow) => string][]} */
const TILES = [
  ["waiting", ({ figures }) => count(figures.waiting)],
  ["inside", ({ queues }) => inside(queues)],
  ["silent", ({ queues }) => count(sum(queues, "silent"))],
  ["arrivals", ({ figures }) => count(figures.arrivalsPerSecond)],
  ["admitted", ({ figures }) => count(figures.admittedPerSecond)],
  ["wait", ({ figures }) => (figures.waiting > 0 ? seconds(figures.estimatedWaitSeconds) : t.tiles.noWait)],
  ["sold", ({ figures, schedules }) => percent(figures.soldSeats, sum(schedules, "totalSeats"))],
  ["held", ({ figures }) => count(figures.heldSeats)],
  ["revenue", ({ figures, currency }) => money(figures.revenue, currency)],
  ["requests", ({ figures }) => count(figures.requestsPerSecond)],
  ["refused", ({ figures }) => count(figures.refusalsPerSecond)],
  ["latency", ({ figures }) => milliseconds(figures.latencyP99Ms)],
  ["commit", ({ figures }) => milliseconds(figures.commitP99Ms)],
];

/** @type {<N extends string>(list: Record<N, number>[], name: N) => number} */
const sum = (list, name) => list.reduce((total, item) => total + item[name], 0);

/** Of the queue that is fullest: a sum over queues would hide it.
 * @param {Wire.QueueState[]} queues */
function inside(queues) {
  const [fullest] = queues.toSorted((a, b) => b.active / b.activeLimit - a.active / a.activeLimit);
  if (!fullest) return "–";
  // The name of a queue may take a line of its own; the figures stay together.
  const places = `${count(fullest.active)}\u00a0/\u00a0${count(fullest.activeLimit)}`;
  return queues.length > 1 ? `${fullest.queue} ${places}` : places;
}

export class Tiles {
  constructor() {
    this.values = TILES.map(() => h("dd", {}, "–"));
    const tiles = TILES.map(([name], i) => h("div", { class: "tile" }, h("dt", {}, t.tiles[name]), this.values[i]));
    this.element = h("section", { "aria-labelledby": "now-title" }, h("h2", { id: "now-title" }, t.tiles.title), h("dl", { class: "tiles" }, tiles));
  }

  /** @param {Wire.OpsNow} now */
  show(now) {
    TILES.forEach(([, read], i) => say(this.values[i], read(now)));
  }
}
