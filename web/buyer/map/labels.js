// What is written on the map: sections, rows, numbers.

/** Text that would be smaller than this cannot be read, and is left out. */
const LEAST_PX = 7;
const NAME_PX = 12;
const ROWS_FROM_PX = 13;
const ROW_PX = 11;
/** Longer names of rows are cut: the list has them whole. */
const ROW_CHARACTERS_MAX = 4;

/** Writes around a point, `size` in units of the hall; whether it could be, within `most` units.
 * @param {MapCanvas} canvas
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} color
 * @param {boolean} [bold] */
export function text(canvas, words, x, y, size, color, bold, most = Infinity) {
  const { context: c } = canvas;
  if (size * canvas.view.scale < LEAST_PX) return false;
  c.font = `${bold ? "600 " : ""}${size}px system-ui, "Nanum Gothic", sans-serif`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  if (most < Infinity && c.measureText(words).width > most) return false;
  c.fillStyle = color;
  c.fillText(words, x, y);
  return true;
}

/** The same on a patch of the background, so that it is read whatever is under it.
 * @param {MapCanvas} canvas */
function patch(canvas, words, x, y, px, bold) {
  const { context: c, view: { scale }, colors } = canvas;
  const size = px / scale;
  c.font = `${bold ? "600 " : ""}${size}px system-ui, "Nanum Gothic", sans-serif`;
  const width = c.measureText(words).width + size * 0.6;
  c.fillStyle = colors.surface;
  c.globalAlpha = 0.85;
  c.fillRect(x - width / 2, y - size * 0.65, width, size * 1.3);
  c.globalAlpha = 1;
  text(canvas, words, x, y, size, colors.ink, bold);
}

/** The names of sections whose seats are drawn, before their first row.
 * @param {MapCanvas} canvas
 * @param {Placed[]} sections */
export function paintNames(canvas, sections) {
  for (const section of sections) {
    if (!section.name) continue;
    const [x, y] = section.at(0.5, 0);
    const [dx, dy] = direction(section.at(0.5, 0.01), [x, y]);
    const away = NAME_PX / canvas.view.scale;
    patch(canvas, section.name, x + dx * away, y + dy * away, NAME_PX, true);
  }
}

/** What each row is called, at its beginning; where that is out of sight, at the first seat that is in sight.
 * @param {MapCanvas} canvas
 * @param {Placed} section
 * @param {Sight} box */
export function paintRows(canvas, section, box) {
  const { seats, pitch } = canvas.seats.placed.get(section.name ?? "");
  if (pitch * canvas.view.scale < ROWS_FROM_PX) return;
  /** @type {Map<number, PlacedSeat[]>} */
  const rows = new Map();
  for (const seat of seats) {
    if (!seat.row) continue;
    if (!rows.has(seat.line)) rows.set(seat.line, []);
    rows.get(seat.line).push(seat);
  }
  const isSeen = ({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom;
  for (const row of rows.values()) {
    const first = row.findIndex(isSeen);
    if (first < 0) continue;
    const from = row[first];
    // Along the row, away from its next seat: rows of a ring are bent.
    const next = row[first + 1] ?? row[first - 1];
    const [dx, dy] = next ? direction([next.x, next.y], [from.x, from.y]) : [-1, 0];
    const away = first === row.length - 1 && first > 0 ? -pitch : pitch;
    const name = from.row.length > ROW_CHARACTERS_MAX ? `${from.row.slice(0, ROW_CHARACTERS_MAX - 1)}…` : from.row;
    const edge = 10 / canvas.view.scale;
    const x = Math.min(Math.max(from.x + dx * away, box.left + edge), box.right - edge);
    const y = Math.min(Math.max(from.y + dy * away, box.top + edge), box.bottom - edge);
    patch(canvas, name, x, y, ROW_PX, false);
  }
}

/** One unit from one point towards another.
 * @param {Point} from
 * @param {Point} to */
function direction([ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay) || 1;
  return [(bx - ax) / length, (by - ay) / length];
}
