// Figures as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** A count or rate, in few digits. */
export function count(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) >= 100_000) return short.format(value);
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole.format(value) : fine.format(value);
}

export const exact = (value) => whole.format(value);

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value > 0 && value < 0.1) return `${whole.format(value * 1000)} µs`;
  return value >= 1000 ? `${fine.format(value / 1000)} s` : `${fine.format(value)} ms`;
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 90) return `${whole.format(value)} s`;
  return value < 5400 ? `${whole.format(value / 60)} min` : `${fine.format(value / 3600)} h`;
}

let digits = 0;

/** How many decimal places amounts have. The server says so: browsers differ. */
export function places(currencyDigits) {
  digits = currencyDigits;
}

/** An amount in the minor unit of a currency. */
export function money(amount, currency) {
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol", ...shown });
  return format.format(amount / 10 ** digits);
}

export function percent(part, of) {
  return of > 0 ? `${fine.format((100 * part) / of)} %` : "–";
}

const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const exactly = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** A moment on an axis whose marks are so many seconds apart. */
export function clock(moment, stepSeconds) {
  if (stepSeconds < 60) return exactly.format(moment);
  return (stepSeconds < 21_600 ? minutes : days).format(moment);
}

/** A time of day, by the reader's own clock; with the date where it is another day. */
export function time(moment) {
  const at = new Date(moment);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString("en-GB", today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "medium" });
}
