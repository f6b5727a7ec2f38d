// What part of the hall is in sight, and when it is drawn anew: only when something changed.

import { overlaps } from "./layout.js";
import { paint } from "./paint.js";
import { COLORS } from "./prices.js";

/** Below this many pixels between two seats, a section is drawn as a whole. */
const SEATS_FROM_PX = 3;

export class Canvas {
  /**
   * @param {HTMLCanvasElement} element
   * @param {Hall} hall
   * @param {import("./seats.js").Seats} seats
   * @param {import("./prices.js").Prices} prices
   */
  constructor(element, hall, seats, prices) {
    this.element = element;
    this.context = element.getContext("2d");
    this.hall = hall;
    this.seats = seats;
    this.prices = prices;
    this.view = { x: 0, y: 0, scale: 1 };
    /** By id. @type {Map<number, PlacedSeat>} */
    this.chosen = new Map();
    /** @type {Set<number>} */
    this.mine = new Set();
    /** The colour of the prices that alone are of interest, or null. @type {number | null} */
    this.only = null;
    /** Wheelchair places alone are of interest. */
    this.placesOnly = false;
    this.words = { stage: "" };
    this.asked = false;
    // Nothing is drawn before the element has a size.
    this.width = 0;
    this.height = 0;
    this.ratio = 1;
    const resized = new ResizeObserver(() => this.resize());
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolor = () => (this.readColors(), this.draw());
    dark.addEventListener("change", recolor);
    this.close = () => (resized.disconnect(), dark.removeEventListener("change", recolor));
  }

  readColors() {
    const style = getComputedStyle(this.element);
    const color = (name) => style.getPropertyValue(name).trim();
    this.tiers = Array.from({ length: COLORS }, (_, i) => color(`--tier-${i}`));
    this.colors = Object.fromEntries(
      ["taken", "chosen", "ink", "quiet", "stage", "surface"].map((name) => [name, color(`--map-${name}`)]),
    );
  }

  resize() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth) return;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const whole = !this.width || this.isWhole;
    [this.width, this.height, this.ratio] = [clientWidth, clientHeight, ratio];
    this.element.width = Math.round(clientWidth * ratio);
    this.element.height = Math.round(clientHeight * ratio);
    // Colours are the stylesheet's, which counts from when the canvas is in the page.
    if (!this.colors) this.readColors();
    this.least = this.#fitting(this.hall.bounds).scale * 0.8;
    // A phone that is turned shows all of what it showed all of.
    if (whole) this.show(this.hall.bounds);
    this.draw();
  }

  /** The view in which a box of the hall fills the canvas.
   * @param {Box} box */
  #fitting({ x, y, width, height }, margin = 24) {
    const scale = Math.min((this.width - margin * 2) / width, (this.height - margin * 2) / height);
    return { x: x + width / 2, y: y + height / 2, scale: Math.min(scale, 40) };
  }

  /**
   * @param {Box} box
   * @param {number} [margin]
   */
  show(box, margin) {
    this.view = this.#fitting(box, margin);
    this.draw();
  }

  showSection(name) {
    const section = this.hall.sections.find((section) => (section.name ?? "") === name);
    if (section && this.width) this.show(section.box, 28);
  }

  pan(dx, dy) {
    this.view.x -= dx / this.view.scale;
    this.view.y -= dy / this.view.scale;
    this.keep();
  }

  /** Scales around a point of the canvas. */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.at(px, py);
    const scale = Math.min(60, Math.max(this.least, this.view.scale * factor));
    this.view = { scale, x: x - (px - this.width / 2) / scale, y: y - (py - this.height / 2) / scale };
    this.keep();
  }

  /** The hall's middle stays within sight. */
  keep() {
    const { x, y, width, height } = this.hall.bounds;
    this.view.x = Math.min(x + width, Math.max(x, this.view.x));
    this.view.y = Math.min(y + height, Math.max(y, this.view.y));
    this.draw();
  }

  /** A point of the hall under a point of the canvas.
   * @returns {Point} */
  at(px, py) {
    return [this.view.x + (px - this.width / 2) / this.view.scale, this.view.y + (py - this.height / 2) / this.view.scale];
  }

  /** The sections in sight, the nearest to the middle first. */
  inSight() {
    const box = this.box();
    const distance = ({ center: [x, y] }) => Math.hypot(x - this.view.x, y - this.view.y);
    return this.hall.sections.filter((section) => overlaps(section, box)).sort((a, b) => distance(a) - distance(b));
  }

  /** @returns {Sight} */
  box() {
    const [left, top] = this.at(0, 0);
    const [right, bottom] = this.at(this.width, this.height);
    return { left, top, right, bottom };
  }

  /** Whether single seats of a section are drawn.
   * @param {Placed} section */
  details(section) {
    const placed = this.seats.placed.get(section.name ?? "");
    return placed && placed.pitch * this.view.scale >= SEATS_FROM_PX;
  }

  /** Whether all of the hall is in sight: then a swipe scrolls the page instead of pulling the hall away. */
  get isWhole() {
    return this.view.scale * 0.8 <= this.least * 1.01;
  }

  draw() {
    this.element.style.touchAction = this.isWhole ? "pan-y" : "none";
    if (this.asked || !this.width) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      paint(this);
    });
  }
}
