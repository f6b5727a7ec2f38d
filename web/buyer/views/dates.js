// The dates that a queue opens: few as one list; many by concert and by month, with a field to look for one.

import { h, put, renew } from "../../shared/dom.js";
import * as catalog from "../catalog.js";
import { from, isOver, month, t, when } from "../language.js";

/** So many dates are one list. */
const LIST_MAX = 12;
/** So many of those that are looked for are shown: more words find fewer. */
const FOUND_MAX = 40;

export class Dates {
  /** @type {Wire.Schedule[]} */
  #rows = [];
  /** What was opened or closed by hand, by the name of the group; the rest is as it would be. */
  #opened = new Map();

  /** `concert` is the one that the buyer came for, if any. */
  constructor(concert) {
    this.concert = concert;
    this.field = h("input", { type: "search", "aria-label": t.searchDates, placeholder: t.searchDates, hidden: true });
    this.field.addEventListener("input", () => this.#draw());
    this.list = h("ul", { class: "dates pick", "data-test": "dates" });
    this.element = h("div", {}, this.field, this.list);
  }

  /** Shows the dates as they are now.
   * @param {Wire.Schedule[]} rows */
  show(rows) {
    const start = ({ startsAt }) => Date.parse(startsAt);
    const wanted = ({ concertId }) => concertId === this.concert;
    this.#rows = rows.sort((a, b) => Number(wanted(b)) - Number(wanted(a)) || Number(isOver(a)) - Number(isOver(b)) || start(a) - start(b));
    this.field.hidden = rows.length <= LIST_MAX;
    this.#draw();
  }

  refuse(elements) {
    put(this.list, h("li", {}, ...elements));
  }

  #draw() {
    const words = this.field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    if (words.length > 0) return renew(this.list, ...found(this.#rows, words));
    if (this.#rows.length <= LIST_MAX) return renew(this.list, ...this.#rows.map(date));
    const concerts = grouped(this.#rows, ({ concertId }) => concertId);
    const [[, first]] = concerts;
    if (concerts.size === 1) return renew(this.list, ...this.#months(first));
    renew(this.list, ...[...concerts].map(([id, rows]) => this.#group(`concert-${id}`, rows[0].concertTitle, rows, rows === first,
      () => rows.length > LIST_MAX ? this.#months(rows) : rows.map(date))));
  }

  /** The months of one concert; the first with a date that can be had is open. */
  #months(rows) {
    const months = grouped(rows, ({ startsAt }) => startsAt.slice(0, 7));
    const next = (rows.find(isOpen) ?? rows[0]).startsAt.slice(0, 7);
    return [...months].map(([key, rows]) =>
      this.#group(`month-${rows[0].concertId}-${key}`, month(key), rows, key === next, () => rows.map(date)));
  }

  /** What is folded is not made: a thousand dates cost a phone what it shows of them. */
  #group(name, title, rows, isFirst, fill) {
    const inner = h("ul", { class: "dates pick" });
    const open = this.#opened.get(name) ?? isFirst;
    const element = h(
      "details",
      { class: "group", open },
      h("summary", { "data-test": name }, h("strong", {}, title), h("span", { class: "quiet" }, ` ${t.dates(rows.length, rows.filter(isOpen).length)}`)),
      inner,
    );
    if (open) put(inner, ...fill());
    element.addEventListener("toggle", () => {
      this.#opened.set(name, element.open);
      if (element.open && !inner.firstChild) put(inner, ...fill());
    });
    return h("li", {}, element);
  }
}

/**
 * @template K
 * @param {Wire.Schedule[]} rows
 * @param {(row: Wire.Schedule) => K} key
 */
function grouped(rows, key) {
  /** @type {Map<K, Wire.Schedule[]>} */
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(key(row))) groups.set(key(row), []);
    groups.get(key(row)).push(row);
  }
  return groups;
}

/** Each word must be in the title, or in the date as it is written here or in numbers.
 * @param {Wire.Schedule[]} rows
 * @param {string[]} words */
function found(rows, words) {
  const text = (row) => `${row.concertTitle} ${whenOf(row)} ${row.startsAt.slice(0, 10)}`.toLocaleLowerCase();
  const all = rows.filter((row) => words.every((word) => text(row).includes(word)));
  const more = all.length - FOUND_MAX;
  return [
    ...all.slice(0, FOUND_MAX).map(date),
    more > 0 && h("li", { class: "quiet" }, t.moreDates(more)),
    all.length === 0 && h("li", { class: "quiet" }, t.noDates),
  ];
}

/** @param {Wire.Schedule} row */
const isOpen = (row) => row.seatStatus === "AVAILABLE" && !row.saleClosed && !isOver(row);

/** @param {Wire.Schedule} row */
const whenOf = (row) => when({ ...row, zone: catalog.known(row.scheduleId)?.zone ?? "" });

/** @param {Wire.Schedule} row */
function date(row) {
  const known = catalog.known(row.scheduleId);
  const open = isOpen(row);
  const state = isOver(row) ? t.over : row.saleClosed ? t.saleClosed : open ? t.left(row.availableSeats, row.totalSeats) : t.soldOut;
  const least = known && Math.min(...known.sections.map(({ amountMin }) => amountMin));
  return h(
    "li",
    {},
    h(
      open ? "a" : "div",
      { class: "date", href: open ? `#/hall/${row.scheduleId}` : null },
      h("strong", {}, row.concertTitle),
      h("span", {}, whenOf(row)),
      h("span", { class: "quiet" }, state, known ? ` · ${from(least)}` : ""),
    ),
  );
}
