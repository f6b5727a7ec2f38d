// Figures as people read them, in the language of the page.

import { t } from "./language.js";

const made = new Map();

/** One format of each kind and language: making one costs more than using it. */
function format(Kind, options, tag = t.tag) {
  const key = `${Kind.name} ${tag} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Kind(tag, options));
  return made.get(key);
}

const whole = (value) => format(Intl.NumberFormat, { maximumFractionDigits: 0 }).format(value);
const short = (value) => format(Intl.NumberFormat, { notation: "compact", maximumFractionDigits: 1 }).format(value);
const fine = (value) => format(Intl.NumberFormat, { maximumSignificantDigits: 3 }).format(value);

/** A count or rate, in few digits. */
export function count(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) >= 100_000) return short(value);
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole(value) : fine(value);
}

export const exact = (value) => whole(value);

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value > 0 && value < 0.1) return `${whole(value * 1000)} µs`;
  return value >= 1000 ? t.units.s(fine(value / 1000)) : `${fine(value)} ms`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 90) return t.units.s(whole(value));
  return value < 5400 ? t.units.min(whole(value / 60)) : t.units.h(fine(value / 3600));
}

let digits = 0;

/** How many decimal places amounts have. The server says so: browsers differ. */
export function places(currencyDigits) {
  digits = currencyDigits;
}

/** An amount in the minor unit of a currency. */
export function money(amount, currency) {
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return format(Intl.NumberFormat, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...shown }).format(amount / 10 ** digits);
}

export function percent(part, of) {
  return of > 0 ? `${fine((100 * part) / of)} %` : "–";
}

/** English with the day before the month and 24 hours, as the rest of the world has it. */
const at = (moment, options) => format(Intl.DateTimeFormat, { ...options, hourCycle: "h23" }, t.tag === "en" ? "en-GB" : t.tag).format(moment);

/** A moment on an axis whose marks are so many seconds apart. */
export function clock(moment, stepSeconds) {
  const time = { hour: "2-digit", minute: "2-digit" };
  if (stepSeconds < 60) return at(moment, { ...time, second: "2-digit" });
  return at(moment, stepSeconds < 21_600 ? time : { day: "numeric", month: "short", ...time });
}

/** A time of day, by the reader's own clock; with the date where it is another day. */
export function time(moment) {
  const day = new Date(moment);
  const today = day.toDateString() === new Date().toDateString();
  return at(day, today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "medium" });
}
