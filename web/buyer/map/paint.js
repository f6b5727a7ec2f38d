// Draws the hall. Only what is in sight is drawn, and seats of one kind in one path: so fifty thousand seats cost a
// phone what a few thousand do.

import { isPlace } from "../prices.js";
import { paintNames, paintRows, text } from "./labels.js";
import { overlaps } from "./layout.js";

const ROUND_FROM_PX = 7;
const NUMBERS_FROM_PX = 24;
/** How wide the small hall is that shows what part of it is in sight. */
const GUIDE_PX = 76;
/** What is of no interest is still there, faintly. */
const FAINT = 0.15;

/** Draws what `canvas` has in sight.
 * @param {MapCanvas} canvas */
export function paint(canvas) {
  const { context: c, ratio, view, hall, width, height } = canvas;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.fillStyle = canvas.colors.surface;
  c.fillRect(0, 0, width, height);
  const { scale } = view;
  c.setTransform(scale * ratio, 0, 0, scale * ratio, (width / 2 - view.x * scale) * ratio, (height / 2 - view.y * scale) * ratio);
  paintStage(canvas);
  const box = canvas.box();
  const seen = hall.sections.filter((section) => overlaps(section, box));
  const close = seen.filter((section) => canvas.details(section));
  for (const section of seen) {
    if (close.includes(section)) paintSeats(canvas, section, box);
    else paintSection(canvas, section);
  }
  for (const section of close) paintRows(canvas, section, box);
  if (hall.sections.length > 1) paintNames(canvas, close);
  paintOwn(canvas);
  if (hall.sections.length > 1 && !canvas.isWhole) paintGuide(canvas);
}

/** @param {MapCanvas} canvas */
function paintStage(canvas) {
  const { context: c, hall: { stage } } = canvas;
  c.fillStyle = canvas.colors.stage;
  c.beginPath();
  c.roundRect(stage.x, stage.y, stage.width, stage.height, [1, 1, 5, 5]);
  c.fill();
  text(canvas, canvas.words.stage, stage.x + stage.width / 2, stage.y + stage.height / 2, stage.height * 0.4, canvas.colors.quiet);
}

/** Whether a section has seats of the prices that are of interest.
 * @param {MapCanvas} canvas
 * @param {Placed} section */
function isWanted({ prices, only }, { amountMin, amountMax }) {
  return only === null || (prices.color(amountMax) <= only && only <= prices.color(amountMin));
}

/**
 * @param {MapCanvas} canvas
 * @param {Placed} section
 */
function paintSection(canvas, section) {
  const { context: c, colors, view } = canvas;
  const free = canvas.seats.free.get(section.name ?? "");
  const share = free === undefined ? 0.5 : free / section.seats;
  const wanted = isWanted(canvas, section);
  c.fillStyle = free === 0 ? colors.taken : canvas.tiers[canvas.prices.color(section.amountMax)];
  c.globalAlpha = !wanted ? FAINT : free === 0 ? 0.5 : 0.35 + 0.65 * share;
  trace(c, section.outline);
  c.fill();
  c.globalAlpha = 1;
  // Small sections have their name as long as it can be read, and the count where there is room for both.
  const { width, height } = section.box;
  const size = Math.max(Math.min(width / 4, height / 3, 9), 9 / view.scale);
  const color = wanted && free !== 0 && share > 0.3 ? "#fff" : colors.ink;
  const [x, y] = section.center;
  const both = free !== undefined && size * 2 <= height * 0.9;
  if (size > height || !text(canvas, section.name ?? "", x, both ? y - size * 0.35 : y, size, color, true, width * 0.95)) return;
  if (both) text(canvas, String(free), x, y + size * 0.7, size * 0.62, color);
}

/**
 * @param {MapCanvas} canvas
 * @param {Placed} section
 * @param {Sight} box
 */
function paintSeats(canvas, section, box) {
  const { context: c, view: { scale }, prices, only } = canvas;
  const { seats, pitch } = canvas.seats.placed.get(section.name ?? "");
  const round = pitch * scale >= ROUND_FROM_PX;
  const radius = pitch * 0.4;
  const free = canvas.tiers.map(() => new Path2D());
  const others = canvas.tiers.map(() => new Path2D());
  const taken = new Path2D();
  const numbered = pitch * scale >= NUMBERS_FROM_PX ? [] : null;
  for (const seat of seats) {
    const { x, y } = seat;
    if (x < box.left - pitch || x > box.right + pitch || y < box.top - pitch || y > box.bottom + pitch) continue;
    const isFree = seat.seatStatus === "AVAILABLE";
    const isLookedFor = !canvas.placesOnly || isPlace(seat);
    const path = isFree ? (isLookedFor ? free : others)[prices.color(seat.amount)] : taken;
    // What cannot be had is smaller: colour is not the only sign.
    const r = isFree ? radius : radius * 0.55;
    // A wheelchair place has a shape of its own.
    if (round && !isPlace(seat)) (path.moveTo(x + r, y), path.arc(x, y, r, 0, 7));
    else path.rect(x - r, y - r, r * 2, r * 2);
    if (numbered && isFree) numbered.push(seat);
  }
  c.fillStyle = canvas.colors.taken;
  c.fill(taken);
  free.forEach((path, color) => {
    c.globalAlpha = only === null || only === color ? 1 : FAINT;
    c.fillStyle = canvas.tiers[color];
    c.fill(path);
    c.globalAlpha = FAINT;
    c.fill(others[color]);
  });
  c.globalAlpha = 1;
  for (const { number, x, y } of numbered ?? []) text(canvas, number ?? "", x, y, radius * 0.95, "#fff");
}

/** The buyer's seats, held and chosen: from afar too, where single seats are not drawn.
 * @param {MapCanvas} canvas */
function paintOwn(canvas) {
  const { context: c, view: { scale }, colors, seats } = canvas;
  const radius = (seat) => Math.max((seats.placed.get(seat.section ?? "")?.pitch ?? 0) * 0.4, 4.5 / scale);
  for (const id of canvas.mine) {
    const seat = seats.byId.get(id);
    if (!seat) continue;
    const r = radius(seat);
    disc(c, seat, r * 1.25, colors.surface);
    disc(c, seat, r, colors.chosen);
    text(canvas, "✓", seat.x, seat.y, r * 1.3, colors.surface, true);
  }
  // Within half the way to the next seat, so that seats side by side show their numbers.
  /** @type {[color: string, at: number, width: number][]} */
  const rings = [[colors.surface, 1, 0.5], [colors.chosen, 1.1, 0.3]];
  for (const seat of canvas.chosen.values()) {
    if (seat.x === undefined) continue;
    const r = radius(seat);
    for (const [color, at, width] of rings) {
      c.strokeStyle = color;
      c.lineWidth = r * width;
      c.beginPath();
      c.arc(seat.x, seat.y, r * at, 0, 7);
      c.stroke();
    }
  }
}

function disc(c, { x, y }, radius, color) {
  c.fillStyle = color;
  c.beginPath();
  c.arc(x, y, radius, 0, 7);
  c.fill();
}

/** The whole hall, small, and in it what is in sight.
 * @param {MapCanvas} canvas */
function paintGuide(canvas) {
  const { context: c, ratio, hall: { bounds, sections, stage }, width, height, colors } = canvas;
  const scale = Math.min(GUIDE_PX / bounds.width, GUIDE_PX / bounds.height);
  const [w, h] = [bounds.width * scale, bounds.height * scale];
  const [left, top] = [width - w - 14, height - h - 14];
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.fillStyle = colors.surface;
  c.globalAlpha = 0.92;
  c.fillRect(left - 6, top - 6, w + 12, h + 12);
  c.globalAlpha = 1;
  c.setTransform(scale * ratio, 0, 0, scale * ratio, (left - bounds.x * scale) * ratio, (top - bounds.y * scale) * ratio);
  c.fillStyle = colors.stage;
  c.fillRect(stage.x, stage.y, stage.width, stage.height);
  for (const section of sections) {
    c.fillStyle = canvas.tiers[canvas.prices.color(section.amountMax)];
    c.globalAlpha = isWanted(canvas, section) ? 0.8 : FAINT;
    trace(c, section.outline);
    c.fill();
  }
  c.globalAlpha = 1;
  const box = canvas.box();
  const [x, right] = [Math.max(box.left, bounds.x), Math.min(box.right, bounds.x + bounds.width)];
  const [y, bottom] = [Math.max(box.top, bounds.y), Math.min(box.bottom, bounds.y + bounds.height)];
  c.strokeStyle = colors.ink;
  c.lineWidth = 2 / scale;
  c.strokeRect(x, y, right - x, bottom - y);
}

function trace(c, outline) {
  c.beginPath();
  outline.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}
