// Every seat of one date, drawn; and section by section, in words.

import { h, put, say } from "../../shared/dom.js";
import { exact, money, percent } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { Holds } from "./holds.js";

/** The least time between two looks: a stadium is a large answer. */
const LOOK_MS = 2_000;
const GAP = 14;
const LABEL = 16;
/** The most seats that are drawn in one row. */
const ROW_MAX = 100;

export class Heat {
  constructor() {
    /** @type {number | null} */
    this.schedule = null;
    /** @type {Wire.OpsSeats | null} */
    this.hall = null;
    this.looked = 0;
    this.holds = new Holds({ released: () => this.again() });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.title = h("h3", {});
    this.body = h("tbody");
    const legend = [["A", "free"], ["H", "held"], ["S", "sold"], ["W", "withheld"]].map(([letter, name]) =>
      h("span", { class: "key" }, h("i", { class: `seat ${letter}` }), t.heat[name]),
    );
    this.element = h(
      "div",
      { class: "heat" },
      h("div", { class: "row" }, this.title, h("span", { class: "legend" }, legend)),
      this.canvas,
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": t.heat.sections },
        h("table", {}, h("caption", { class: "sr" }, t.heat.caption), h("thead", {}, h("tr", {}, t.heat.head.map((name) => h("th", { scope: "col" }, name)))), this.body),
      ),
      this.holds.element,
    );
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.resize = new ResizeObserver(() => this.draw());
  }

  mounted() {
    this.scheme.addEventListener("change", this.redraw);
    this.resize.observe(this.element);
  }

  stop() {
    this.scheme.removeEventListener("change", this.redraw);
    this.resize.disconnect();
  }

  /** @param {Wire.Sale} sale */
  pick(sale) {
    this.schedule = sale.scheduleId;
    this.looked = 0;
    this.hall = null;
    say(this.title, t.heat.title(`${sale.concertTitle} (${sale.scheduleId})`));
    this.look(this.currency);
  }

  /** @param {string} [currency] */
  async look(currency) {
    this.currency = currency ?? this.currency;
    if (this.schedule === null || this.asking || Date.now() - this.looked < LOOK_MS) return;
    this.asking = true;
    const schedule = this.schedule;
    try {
      const about = `scheduleId=${schedule}`;
      const [hall, holds] = await Promise.all([call("GET", `ops/seats?${about}`), call("GET", `ops/holds?${about}`)]);
      if (schedule === this.schedule) {
        this.hall = hall;
        this.holds.show(holds, this.currency);
        this.looked = Date.now();
        this.draw();
        this.list();
      }
    } catch {
      // The page says already that nothing is answered; a date that is gone is gone from the list.
    } finally {
      this.asking = false;
    }
  }

  again() {
    this.looked = 0;
    return this.look();
  }

  list() {
    put(
      this.body,
      this.hall.sections.map(({ section, soldSeats, heldSeats, availableSeats, withheldSeats, soldAmount }) => {
        const total = soldSeats + heldSeats + availableSeats + withheldSeats;
        const numbers = [`${exact(soldSeats)} (${percent(soldSeats, total)})`, exact(heldSeats), exact(availableSeats), exact(withheldSeats), this.currency ? money(soldAmount, this.currency) : "–"];
        return h("tr", {}, h("th", { scope: "row" }, section ?? "–"), numbers.map((number) => h("td", { class: "number" }, number)));
      }),
    );
  }

  /** Sections side by side, each as its rows; a seat is as large as the width allows. */
  draw() {
    const { canvas } = this;
    const width = this.element.clientWidth;
    if (!this.hall || width === 0) return;
    const style = getComputedStyle(document.documentElement);
    const colours = Object.fromEntries(["A", "H", "S", "W"].map((letter) => [letter, style.getPropertyValue(`--seat-${letter}`).trim()]));
    const seats = this.hall.sections.reduce((sum, { rows }) => sum + rows.reduce((n, row) => n + row.seats.length, 0), 0);
    const size = Math.max(2, Math.min(20, Math.floor(Math.sqrt((width * 420) / Math.max(seats, 1)))));
    const sections = this.hall.sections.map((section) => ({ ...section, rows: section.rows.flatMap(({ seats }) => folded(seats)) }));
    const places = layOut(sections, size, width);
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = places.height * scale;
    canvas.style.height = `${places.height}px`;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.font = "12px system-ui, sans-serif";
    const gap = size > 4 ? 1 : 0;
    for (const { section, x, y } of places.list) {
      context.fillStyle = style.getPropertyValue("--quiet");
      context.fillText(section.section ?? "", x, y + LABEL - 5);
      section.rows.forEach((letters, row) => {
        for (let i = 0; i < letters.length; i += 1) {
          context.fillStyle = colours[letters[i]];
          context.fillRect(x + i * size, y + LABEL + row * size, size - gap, size - gap);
        }
      });
    }
  }
}

/** A row as it is drawn: people who stand, and seats that no catalog has put in rows, are many.
 * @param {string} seats */
function folded(seats) {
  if (seats.length <= ROW_MAX) return [seats];
  const width = Math.ceil(Math.sqrt(seats.length * 1.5));
  return Array.from({ length: Math.ceil(seats.length / width) }, (_, i) => seats.slice(i * width, (i + 1) * width));
}

/** @param {{ section: string | null, rows: string[] }[]} sections */
function layOut(sections, size, width) {
  const list = [];
  let [x, y, tallest] = [0, 0, 0];
  for (const section of sections) {
    const wide = Math.max(40, size * Math.max(...section.rows.map((row) => row.length)));
    const high = LABEL + size * section.rows.length;
    if (x > 0 && x + wide > width) [x, y, tallest] = [0, y + tallest + GAP, 0];
    list.push({ section, x, y });
    x += wide + GAP;
    tallest = Math.max(tallest, high);
  }
  return { list, height: y + tallest };
}
