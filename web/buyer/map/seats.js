// The seats of a date as they are now. A small hall comes whole; of a large one, the count of each section, and the
// seats of those sections that are looked at.

import { ask } from "../../shared/api.js";
import { placeSeats } from "./layout.js";

/** Up to here a hall comes in one list. */
const WHOLE_SEATS_MAX = 2_500;
/** The most sections whose seats are kept up to date. */
const OPEN_SECTIONS_MAX = 4;

export class Seats {
  /**
   * @param {number} scheduleId
   * @param {Placed[]} sections those of the layout
   * @param {string} token
   * @param {boolean} standing whether people stand somewhere: the places that are alike need not come one by one
   */
  constructor(scheduleId, sections, token, standing) {
    this.scheduleId = scheduleId;
    this.token = token;
    this.sections = new Map(sections.map((section) => [section.name ?? "", section]));
    const isSmall = sections.reduce((sum, { seats }) => sum + seats, 0) <= WHOLE_SEATS_MAX;
    // Seats without a section come with all others alone.
    this.whole = isSmall && (!standing || sections.some(({ name }) => !name));
    /** All that there are, where they are few. @type {string[] | null} */
    this.always = isSmall && sections.length <= OPEN_SECTIONS_MAX ? [...this.sections.keys()] : null;
    /** By section, once they are here. @type {Map<string, Grid>} */
    this.placed = new Map();
    /** By section: how many are free. @type {Map<string, number>} */
    this.free = new Map();
    /** @type {Map<number, PlacedSeat>} */
    this.byId = new Map();
    this.tags = new Map();
    /** @type {string[]} */
    this.open = [];
  }

  /** The sections that are looked at, the most important first. */
  look(names) {
    this.open = this.always ?? names.slice(0, OPEN_SECTIONS_MAX);
  }

  /** Asks what changed; whether anything did. */
  async refresh(signal) {
    const id = this.scheduleId;
    if (this.whole) return this.#list(`/v1/api/concerts/seat?scheduleId=${id}`, signal);
    const counts = this.#counts(`/v1/api/concerts/section?scheduleId=${id}`, signal);
    const lists = this.open.map((name) =>
      this.#list(`/v1/api/concerts/seat?scheduleId=${id}&section=${encodeURIComponent(name)}`, signal),
    );
    return (await Promise.all([counts, ...lists])).some(Boolean);
  }

  /**
   * @template {string} P
   * @param {P} path
   */
  async #get(path, signal) {
    const { data, tag } = await ask(/** @type {Wire.Method<"GET", P>} */ ("GET"), path, { token: this.token, known: this.tags.get(path), signal });
    if (data) this.tags.set(path, tag);
    return data;
  }

  /** @param {`/v1/api/concerts/section?${string}`} path */
  async #counts(path, signal) {
    const data = await this.#get(path, signal);
    for (const { section, availableSeats } of data ?? []) this.free.set(section ?? "", availableSeats);
    return Boolean(data);
  }

  /** @param {`/v1/api/concerts/seat?${string}`} path */
  async #list(path, signal) {
    const data = await this.#get(path, signal);
    if (!data) return false;
    const groups = Map.groupBy ? Map.groupBy(data, ({ section }) => section ?? "") : group(data);
    for (const [name, seats] of groups) {
      this.free.set(name, seats.filter(({ seatStatus }) => seatStatus === "AVAILABLE").length);
      const section = this.sections.get(name);
      if (!section) continue;
      const placed = placeSeats(section, seats);
      this.placed.set(name, placed);
      for (const seat of placed.seats) this.byId.set(seat.seatId, seat);
    }
    return true;
  }

  /** The free seats nearest to one, in its section, without those that are `chosen`: rows count for more than seats.
   * @param {PlacedSeat} seat
   * @param {number} most
   * @param {Map<number, PlacedSeat>} chosen */
  near(seat, most, chosen) {
    const { seats } = this.placed.get(seat.section ?? "") ?? { seats: [] };
    const here = this.byId.get(seat.seatId) ?? seat;
    const distance = (other) => Math.abs(other.line - here.line) * 3 + Math.abs(other.column - here.column);
    return seats
      .filter((other) => other.seatStatus === "AVAILABLE" && other.seatId !== seat.seatId && !chosen.has(other.seatId))
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, most);
  }

  /** Whom of the chosen to give up for a single seat beside them, so that they move along by one: the one at the other end. None
   * where that would be left alone in its turn.
   * @param {PlacedSeat} single
   * @param {Map<number, PlacedSeat>} chosen
   * @returns {PlacedSeat | null} */
  givenUpFor(single, chosen) {
    const { seats } = this.placed.get(single.section ?? "") ?? { seats: [] };
    const beside = (seat, step) => seats.find(({ row, position }) => row === seat.row && position === seat.position + step);
    for (const step of [1, -1]) {
      let end = single;
      while (chosen.has(beside(end, step)?.seatId)) end = beside(end, step);
      const behind = beside(end, step);
      if (end !== single && behind?.seatStatus === "AVAILABLE") return end;
    }
    return null;
  }
}

/** @param {Wire.Seat[]} seats */
function group(seats) {
  /** @type {Map<string, Wire.Seat[]>} */
  const groups = new Map();
  for (const seat of seats) {
    const name = seat.section ?? "";
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(seat);
  }
  return groups;
}
