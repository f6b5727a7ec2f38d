// The night as lines, live or scrolled back.

import { h, put, say } from "../../shared/dom.js";
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { clock, count, milliseconds, time } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";

/** Name, format, and lines with the figures that they show.
 * @type {[name: string, format: (value: number) => string, lines: [string, string][]][]} */
const CHARTS = [
  ["queue", count, [["waiting", "waiting"], ["inside", "active"], ["streams", "streams"]]],
  ["through", count, [["arrivals", "arrivalsPerSecond"], ["admitted", "admittedPerSecond"]]],
  ["holds", count, [["held", "holdsPerSecond"], ["paid", "paymentsPerSecond"], ["lapsed", "lapsesPerSecond"]]],
  ["seats", count, [["sold", "soldSeats"], ["held", "heldSeats"]]],
  ["requests", count, [["all", "requestsPerSecond"], ["refused", "refusalsPerSecond"], ["failed", "failuresPerSecond"]]],
  ["latency", milliseconds, [["50 %", "latencyP50Ms"], ["99 %", "latencyP99Ms"], ["99.9 %", "latencyP999Ms"]]],
  ["commit", milliseconds, [["50 %", "commitP50Ms"], ["99 %", "commitP99Ms"]]],
  ["entries", count, [["inOne", "commandsPerEntry"], ["perSecond", "entriesPerSecond"]]],
  ["behind", count, [["entries", "projectionLag"]]],
];

/** In seconds; the words beside them are in the texts. */
const SPANS = [300, 900, 3_600, 21_600, 86_400, 259_200];

/** Up to here seconds are remembered: such a view grows by itself, and others are asked for again. */
const SECONDS_KEPT = 900;
const POINTS = 600;

export class Charts {
  constructor() {
    this.span = SPANS[0];
    /** The right edge, in seconds; null follows the night. */
    this.end = null;
    this.from = null;
    this.askedAt = 0;
    /** @type {number[]} */
    this.at = [];
    /** @type {Record<string, (number | null)[]>} */
    this.series = {};
    this.spans = SPANS.map((span, i) => {
      const button = h("button", { type: "button", "aria-pressed": String(span === this.span) }, t.charts.spans[i]);
      button.addEventListener("click", () => this.choose(span));
      return button;
    });
    this.slider = h("input", { type: "range", id: "when", step: "1", "aria-describedby": "shown" });
    this.slider.addEventListener("input", () => this.scroll(Number(this.slider.value)));
    this.live = h("button", { type: "button", "aria-pressed": "true" }, t.charts.live);
    this.live.addEventListener("click", () => this.follow());
    this.shown = h("p", { id: "shown", class: "quiet" });
    this.grid = h("div", { class: "charts" });
    this.element = h(
      "section",
      { "aria-labelledby": "charts-title" },
      h("h2", { id: "charts-title" }, t.charts.title),
      h(
        "div",
        { class: "range" },
        h("div", { class: "segments", role: "group", "aria-label": t.charts.howMuch }, this.spans),
        h("label", { for: "when", class: "sr" }, t.charts.scroll),
        this.slider,
        this.live,
      ),
      this.shown,
      this.grid,
    );
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.resize = new ResizeObserver(() => this.fit());
  }

  mounted() {
    this.scheme.addEventListener("change", this.redraw);
    this.resize.observe(this.grid);
    this.draw();
    this.ask();
  }

  stop() {
    this.scheme.removeEventListener("change", this.redraw);
    this.resize.disconnect();
  }

  /** @param {Wire.OpsNow} now */
  show({ at, figures, historyFrom }) {
    if (at === null) return;
    this.now = at;
    this.from = historyFrom;
    this.slider.min = String(historyFrom ?? at);
    this.slider.max = String(at);
    if (this.end !== null) return;
    this.slider.value = String(at);
    const every = this.span > SECONDS_KEPT ? Math.max(10, this.span / POINTS) : 60;
    if (at - this.askedAt >= every) this.ask();
    else if (this.span <= SECONDS_KEPT) this.grow(at, figures);
  }

  choose(span) {
    this.span = span;
    this.spans.forEach((button, i) => button.setAttribute("aria-pressed", String(SPANS[i] === span)));
    this.ask();
  }

  scroll(end) {
    this.end = this.now && end >= this.now ? null : end;
    this.live.setAttribute("aria-pressed", String(this.end === null));
    this.ask();
  }

  follow() {
    this.end = null;
    this.live.setAttribute("aria-pressed", "true");
    this.ask();
  }

  /** Asks for what is shown; of several that were asked for, the last one counts. */
  async ask() {
    const end = this.end ?? this.now ?? Math.floor(Date.now() / 1000);
    const from = end - this.span;
    const asked = (this.asked = {});
    this.askedAt = end;
    try {
      const past = await call("GET", `ops/history?from=${from}&to=${end}&points=${POINTS}`);
      if (this.asked !== asked) return;
      this.at = past.at;
      this.series = past.series;
      this.update();
    } catch {
      // The next look asks again.
      this.askedAt = 0;
    }
  }

  /**
   * @param {number} at
   * @param {Wire.OpsNow["figures"]} figures
   */
  grow(at, figures) {
    if (at <= (this.at.at(-1) ?? 0)) return;
    this.at.push(at);
    for (const [name, values] of Object.entries(this.series)) values.push(figures[name] ?? null);
    while (this.at[0] < at - this.span) {
      this.at.shift();
      Object.values(this.series).forEach((values) => values.shift());
    }
    this.update();
  }

  draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    this.plots?.forEach((plot) => plot.destroy());
    this.figures = CHARTS.map(([name]) => h("figure", { class: "panel chart" }, h("figcaption", {}, t.charts[name])));
    put(this.grid, this.figures);
    this.plots = CHARTS.map(([name, format, lines], i) => {
      const series = lines.map(([label], line) => ({
        label: t.charts.lines[label] ?? label,
        stroke: colour(`--line-${line + 1}`),
        width: 2,
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? "–" : format(value)),
      }));
      const options = {
        ...this.size(),
        series: [{ label: t.charts.at, value: (_, at) => (at ? time(at * 1000) : "–") }, ...series],
        axes: [{ ...axis, space: 80, values: (_, splits, i, space, step) => splits.map((at) => clock(at * 1000, step)) }, { ...axis, size: 58, values: (_, values) => values.map((value) => format(value)) }],
        cursor: { sync: { key: "night" }, y: false },
        legend: { live: true },
        scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
      };
      const plot = new uPlot(options, [[], ...lines.map(() => [])], this.figures[i]);
      plot.root.querySelector("canvas").setAttribute("aria-hidden", "true");
      this.figures[i].setAttribute("aria-label", t.charts[name]);
      return plot;
    });
    this.update();
  }

  size() {
    return { width: Math.max(260, (this.grid.firstElementChild?.clientWidth ?? 360) - 24), height: 170 };
  }

  fit() {
    this.plots?.forEach((plot) => plot.setSize(this.size()));
  }

  update() {
    const at = this.at;
    CHARTS.forEach(([, , lines], i) => {
      const plot = this.plots?.[i];
      plot?.setData([at, ...lines.map(([, key]) => this.series[key] ?? at.map(() => null))]);
      // Where nobody points at a moment, the legend has the newest values.
      if (plot?.cursor.idx === null || plot?.cursor.idx === undefined) plot?.setLegend({ idx: at.length - 1 }, false);
    });
    const what = at.length === 0 ? t.charts.nothing : t.charts.shown(time(at[0] * 1000), time(at.at(-1) * 1000));
    say(this.shown, this.end === null || at.length === 0 ? what : t.charts.back(what));
  }
}
