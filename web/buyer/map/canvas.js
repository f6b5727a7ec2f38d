// Draws the hall. Only what is in sight is drawn, seats of one kind in one path, and only when something changed: so
// fifty thousand seats cost a phone what a few thousand do.

/** Below this many pixels between two seats, a section is drawn as a whole. */
const SEATS_FROM_PX = 3;
const ROUND_FROM_PX = 7;
const NUMBERS_FROM_PX = 24;
/** So many prices have a colour of their own. */
export const TIERS = 6;

export class Canvas {
  constructor(element, hall, seats) {
    this.element = element;
    this.context = element.getContext("2d");
    this.hall = hall;
    this.seats = seats;
    this.view = { x: 0, y: 0, scale: 1 };
    this.chosen = null;
    this.mine = new Set();
    this.words = { stage: "", left: String };
    this.asked = false;
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
    this.tiers = Array.from({ length: TIERS }, (_, i) => color(`--tier-${i}`));
    this.colors = Object.fromEntries(
      ["taken", "chosen", "mine", "ink", "quiet", "stage", "surface"].map((name) => [name, color(`--map-${name}`)]),
    );
  }

  resize() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth) return;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const first = !this.width;
    [this.width, this.height, this.ratio] = [clientWidth, clientHeight, ratio];
    this.element.width = Math.round(clientWidth * ratio);
    this.element.height = Math.round(clientHeight * ratio);
    if (first) {
      // Colours are the stylesheet's, which counts from when the canvas is in the page.
      this.readColors();
      this.show(this.hall.bounds);
    }
    this.draw();
  }

  /** Moves and scales so that a box of the hall fills the canvas. */
  show({ x, y, width, height }, margin = 24) {
    const scale = Math.min((this.width - margin * 2) / width, (this.height - margin * 2) / height);
    this.view = { x: x + width / 2, y: y + height / 2, scale: Math.min(scale, 40) };
    this.least ??= this.view.scale * 0.8;
    this.draw();
  }

  showSection(name) {
    const section = this.hall.sections.find((section) => (section.name ?? "") === name);
    if (!section || !this.width) return;
    const xs = section.outline.map(([x]) => x);
    const ys = section.outline.map(([, y]) => y);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    this.show({ x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }, 14);
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

  /** A point of the hall under a point of the canvas. */
  at(px, py) {
    return [this.view.x + (px - this.width / 2) / this.view.scale, this.view.y + (py - this.height / 2) / this.view.scale];
  }

  /** The names of the sections in sight, the nearest to the middle first. */
  inSight() {
    const box = this.box();
    const distance = ({ center: [x, y] }) => Math.hypot(x - this.view.x, y - this.view.y);
    const seen = this.hall.sections.filter((section) => overlaps(section, box));
    return seen.sort((a, b) => distance(a) - distance(b)).map(({ name }) => name ?? "");
  }

  box() {
    const [left, top] = this.at(0, 0);
    const [right, bottom] = this.at(this.width, this.height);
    return { left, top, right, bottom };
  }

  /** Whether single seats of a section are drawn. */
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
      this.paint();
    });
  }

  paint() {
    const { context: c, ratio, view } = this;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = this.colors.surface;
    c.fillRect(0, 0, this.width, this.height);
    const { scale } = view;
    c.setTransform(scale * ratio, 0, 0, scale * ratio, (this.width / 2 - view.x * scale) * ratio, (this.height / 2 - view.y * scale) * ratio);
    this.paintStage();
    const box = this.box();
    for (const section of this.hall.sections) {
      if (!overlaps(section, box)) continue;
      if (this.details(section)) this.paintSeats(section, box);
      else this.paintSection(section);
    }
  }

  paintStage() {
    const { context: c, hall: { stage } } = this;
    c.fillStyle = this.colors.stage;
    c.beginPath();
    c.roundRect(stage.x, stage.y, stage.width, stage.height, [1, 1, 5, 5]);
    c.fill();
    this.label(this.words.stage, stage.x + stage.width / 2, stage.y + stage.height / 2, stage.height * 0.4, this.colors.quiet);
  }

  paintSection(section) {
    const { context: c } = this;
    const free = this.seats.free.get(section.name ?? "");
    const share = free === undefined ? 0.5 : free / section.seats;
    c.fillStyle = free === 0 ? this.colors.taken : this.tiers[section.tier % TIERS];
    c.globalAlpha = free === 0 ? 0.5 : 0.35 + 0.65 * share;
    trace(c, section.outline);
    c.fill();
    c.globalAlpha = 1;
    const size = Math.min(section.spanX / 4, section.spanY / 3, 9);
    const [x, y] = section.center;
    const dark = free !== 0 && share > 0.3;
    this.label(section.name ?? "", x, y - size * 0.35, size, dark ? "#fff" : this.colors.ink, true);
    if (free !== undefined) this.label(String(free), x, y + size * 0.7, size * 0.62, dark ? "#fff" : this.colors.ink);
  }

  paintSeats(section, box) {
    const { context: c, view: { scale } } = this;
    const { seats, pitch } = this.seats.placed.get(section.name ?? "");
    const round = pitch * scale >= ROUND_FROM_PX;
    const radius = pitch * 0.4;
    const paths = { AVAILABLE: new Path2D(), TAKEN: new Path2D(), mine: new Path2D() };
    const numbered = pitch * scale >= NUMBERS_FROM_PX ? [] : null;
    for (const seat of seats) {
      const { x, y } = seat;
      if (x < box.left - pitch || x > box.right + pitch || y < box.top - pitch || y > box.bottom + pitch) continue;
      const mine = this.mine.has(seat.seatId);
      const path = mine ? paths.mine : seat.seatStatus === "AVAILABLE" ? paths.AVAILABLE : paths.TAKEN;
      // What cannot be had is smaller: colour is not the only sign.
      const r = path === paths.TAKEN ? radius * 0.55 : radius;
      if (round) (path.moveTo(x + r, y), path.arc(x, y, r, 0, 7));
      else path.rect(x - r, y - r, r * 2, r * 2);
      if (numbered && path === paths.AVAILABLE) numbered.push(seat);
    }
    c.fillStyle = this.colors.taken;
    c.fill(paths.TAKEN);
    c.fillStyle = this.tiers[section.tier % TIERS];
    c.fill(paths.AVAILABLE);
    c.fillStyle = this.colors.mine;
    c.fill(paths.mine);
    for (const { number, x, y } of numbered ?? []) this.label(number ?? "", x, y, radius * 0.95, "#fff");
    if (this.chosen && (this.chosen.section ?? "") === (section.name ?? "")) this.ring(this.chosen, radius);
  }

  ring({ x, y }, radius) {
    const { context: c } = this;
    c.strokeStyle = this.colors.chosen;
    c.lineWidth = radius * 0.55;
    c.beginPath();
    c.arc(x, y, radius * 1.25, 0, 7);
    c.stroke();
  }

  label(text, x, y, size, color, bold) {
    if (size * this.view.scale < 7) return;
    const { context: c } = this;
    c.fillStyle = color;
    c.font = `${bold ? "600 " : ""}${size}px system-ui, "Nanum Gothic", sans-serif`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(text, x, y);
  }
}

function trace(c, outline) {
  c.beginPath();
  outline.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

function overlaps({ outline }, { left, top, right, bottom }) {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  return Math.max(...xs) >= left && Math.min(...xs) <= right && Math.max(...ys) >= top && Math.min(...ys) <= bottom;
}
