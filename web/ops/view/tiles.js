// The figures that one looks at first.

import { h, say } from "../../shared/dom.js";
import { count, milliseconds, money, percent, seconds } from "../format.js";

const TILES = [
  ["Waiting", ({ figures }) => count(figures.waiting)],
  ["Inside", ({ figures, queues }) => `${count(figures.active)} / ${count(sum(queues, "activeLimit"))}`],
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

export class Tiles {
  constructor() {
    this.values = TILES.map(() => h("dd", {}, "–"));
    const tiles = TILES.map(([name], i) => h("div", { class: "tile" }, h("dt", {}, name), this.values[i]));
    this.element = h("section", { "aria-label": "Now" }, h("dl", { class: "tiles" }, tiles));
  }

  show(now) {
    TILES.forEach(([, read], i) => say(this.values[i], read(now)));
  }
}
