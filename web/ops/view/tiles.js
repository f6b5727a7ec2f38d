// The figures that one looks at first.

import { h, say } from "../../shared/dom.js";
import { count, milliseconds, money, percent, seconds } from "../format.js";

const TILES = [
  ["Waiting", ({ figures }) => count(figures.waiting)],
  ["Inside", ({ queues }) => inside(queues)],
  ["Arrivals a second", ({ figures }) => count(figures.arrivalsPerSecond)],
  ["Admitted a second", ({ figures }) => count(figures.admittedPerSecond)],
  ["Wait of the last in line", ({ figures }) => (figures.waiting > 0 ? seconds(figures.estimatedWaitSeconds) : "none")],
  ["Sold", ({ figures, schedules }) => percent(figures.soldSeats, sum(schedules, "totalSeats"))],
  ["Held seats", ({ figures }) => count(figures.heldSeats)],
  ["Revenue", ({ figures, currency }) => money(figures.revenue, currency)],
  ["Requests a second", ({ figures }) => count(figures.requestsPerSecond)],
  ["Refused a second", ({ figures }) => count(figures.refusalsPerSecond)],
  ["Latency, 99 %", ({ figures }) => milliseconds(figures.latencyP99Ms)],
  ["Commit, 99 %", ({ figures }) => milliseconds(figures.commitP99Ms)],
];

const sum = (list, name) => list.reduce((total, item) => total + item[name], 0);

/** Of the queue that is fullest: a sum over queues would hide it. */
function inside(queues) {
  const [fullest] = queues.toSorted((a, b) => b.active / b.activeLimit - a.active / a.activeLimit);
  if (!fullest) return "–";
  const places = `${count(fullest.active)} / ${count(fullest.activeLimit)}`;
  return queues.length > 1 ? `${fullest.queue} ${places}` : places;
}

export class Tiles {
  constructor() {
    this.values = TILES.map(() => h("dd", {}, "–"));
    const tiles = TILES.map(([name], i) => h("div", { class: "tile" }, h("dt", {}, name), this.values[i]));
    this.element = h("section", { "aria-labelledby": "now-title" }, h("h2", { id: "now-title" }, "Now, live"), h("dl", { class: "tiles" }, tiles));
  }

  show(now) {
    TILES.forEach(([, read], i) => say(this.values[i], read(now)));
  }
}
