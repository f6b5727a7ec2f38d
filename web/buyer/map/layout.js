// Where sections and seats are drawn. A catalog says which seats there are, not where they stand, so the hall is drawn
// as halls are: the stage in front, few large sections in rows before it, many sections of a kind in rings around.
//
// One unit is about the distance of two neighbouring seats. All of it follows from the catalog alone, so nothing moves
// when seats come in.

const RING_SECTIONS_MIN = 10;
const GAP = 3;
/** The rings leave this angle open towards the stage. */
const OPENING = Math.PI * 0.62;

/** Places the sections of a catalog's schedule.
 * @param {Pick<Placed, "name" | "seats" | "amountMin" | "amountMax">[]} sections
 * @returns {Hall} */
export function layout(sections) {
  const groups = gather(sections);
  const shape = (group, shape) => group.map((section) => sized(section, shape));
  const rows = groups.filter((group) => group.length < RING_SECTIONS_MIN).map((group) => shape(group, 1.5));
  const rings = groups.filter((group) => group.length >= RING_SECTIONS_MIN).map((group) => shape(group, 0.6));
  const flat = placeRows(rows, 1);
  const radius = rings.length > 0 ? Math.max(inner(flat), arc(rings[0]) / (2 * Math.PI - OPENING)) : 0;
  // What stands within rings is drawn as large as they leave room for.
  const floor = radius > inner(flat) ? placeRows(rows, Math.min(2.2, radius / inner(flat))) : flat;
  const front = Math.max(10, floor.width * 0.6);
  const stage = { x: -front / 2, y: -front * 0.34, width: front, height: front * 0.24 };
  const shapes = [...floor.placed, ...placeRings(rings, floor, radius)];
  const placed = shapes.map((section) => ({ ...section, box: around(section.outline) }));
  return { sections: placed, stage, bounds: bounds(placed, stage) };
}

/** How many seats wide and deep a section of that many is drawn: deep in a ring, wide before the stage. */
function sized(section, shape) {
  const width = Math.max(4, Math.round(Math.sqrt(section.seats * shape)));
  return { ...section, width, depth: Math.max(3, Math.ceil(section.seats / width)) };
}

/** Sections of a kind: "F1" and "F2", 101 to 120; without numbers, those of one price. */
function gather(sections) {
  const groups = new Map();
  for (const section of sections) {
    const [, word, number] = /^(\D*)(\d+)$/.exec(section.name ?? "") ?? [];
    const kind = number ? `${word}${number.length > 2 ? number.slice(0, -2) : ""}` : `price ${section.amountMax}`;
    if (!groups.has(kind)) groups.set(kind, []);
    groups.get(kind).push(section);
  }
  return [...groups.values()];
}

/** How wide the seats of a ring are, one section beside the other. */
const arc = (ring) => ring.reduce((sum, section) => sum + section.width + GAP, 0);

/** The radius around what stands before the stage. */
const inner = ({ width, depth }) => (width ? Math.hypot(width / 2, depth / 2) + 2 * GAP : 20);

function placeRows(groups, scale) {
  const placed = [];
  let y = 0;
  let widest = 0;
  for (const group of groups) {
    for (const row of chunks(group, 4)) {
      const width = row.reduce((sum, section) => sum + section.width * scale + GAP, -GAP);
      const depth = Math.max(...row.map((section) => section.depth)) * scale;
      let x = -width / 2;
      for (const section of row) {
        placed.push(rectangle(section, x, y, section.width * scale, depth));
        x += section.width * scale + GAP;
      }
      widest = Math.max(widest, width);
      y += depth + GAP;
    }
  }
  return { placed, width: widest, depth: y };
}

function chunks(list, most) {
  const count = Math.ceil(list.length / most);
  const size = Math.ceil(list.length / count);
  return Array.from({ length: count }, (_, i) => list.slice(i * size, (i + 1) * size)).filter((row) => row.length > 0);
}

function rectangle(section, x, y, width, depth) {
  /** @type {Placed["at"]} */
  const at = (u, v) => [x + u * width, y + v * depth];
  const outline = [at(0, 0), at(1, 0), at(1, 1), at(0, 1)];
  return { ...section, at, outline, center: at(0.5, 0.5), spanX: width, spanY: depth };
}

function placeRings(rings, floor, first) {
  const placed = [];
  const middle = floor.depth / 2;
  let least = first;
  for (const ring of rings) {
    const total = arc(ring);
    // Wide enough for its seats along the arc that is left beside the opening.
    const radius = Math.max(least, total / (2 * Math.PI - OPENING));
    const depth = Math.max(...ring.map((section) => section.depth));
    // From the stage's right around the back to its left: y grows downwards, and the stage is at the top.
    let angle = -Math.PI / 2 + OPENING / 2;
    const step = (2 * Math.PI - OPENING) / total;
    for (const section of ring) {
      placed.push(sector(section, middle, radius, depth, angle, angle + section.width * step));
      angle += (section.width + GAP) * step;
    }
    least = radius + depth + 2 * GAP;
  }
  return placed;
}

function sector(section, middle, radius, depth, from, to) {
  /** @type {Placed["at"]} */
  const at = (u, v) => {
    const [angle, r] = [to + (from - to) * u, radius + v * depth];
    return [Math.cos(angle) * r, middle + Math.sin(angle) * r];
  };
  const edge = (v, forward) =>
    Array.from({ length: 9 }, (_, i) => at(forward ? i / 8 : 1 - i / 8, v));
  const spanX = (to - from) * radius;
  return { ...section, at, outline: [...edge(0, true), ...edge(1, false)], center: at(0.5, 0.5), spanX, spanY: depth };
}

/** The box around points.
 * @param {number[][]} points
 * @returns {Box} */
function around(points) {
  const [xs, ys] = [0, 1].map((i) => points.map((point) => point[i]));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** @param {Placed[]} sections
 * @param {Box} stage */
function bounds(sections, stage) {
  const corners = ({ x, y, width, height }) => [[x, y], [x + width, y + height]];
  return around([corners(stage), ...sections.map(({ box }) => corners(box))].flat());
}

/** Places the seats of a section in it, rows in the order in which the list comes to them.
 * @param {Placed} section
 * @param {Wire.Seat[]} seats
 * @returns {Grid} */
export function placeSeats(section, seats) {
  const rows = new Map();
  for (const seat of seats) {
    const row = seat.row ?? "";
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(seat);
  }
  // A list without rows is cut as wide as its section is drawn.
  const cut = rows.size === 1 && seats.length > 40;
  const lines = cut ? chunks(seats, section.width) : [...rows.values()];
  const widest = Math.max(...lines.map((line) => line.length));
  const placed = lines.flatMap((line, r) =>
    line.map((seat, i) => {
      const [x, y] = section.at((i + 0.5 + (widest - line.length) / 2) / widest, (r + 0.5) / lines.length);
      return { ...seat, x, y, line: r, column: i };
    }),
  );
  return { seats: placed, pitch: Math.min(section.spanX / widest, section.spanY / lines.length) };
}

/** Whether a point lies within a polygon.
 * @param {Point[]} outline */
export function within(outline, x, y) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [outline[i], outline[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Whether a section reaches into what is in sight.
 * @param {Placed} section
 * @param {Sight} sight */
export function overlaps({ box: { x, y, width, height } }, { left, top, right, bottom }) {
  return x + width >= left && x <= right && y + height >= top && y <= bottom;
}
