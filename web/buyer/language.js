// Korean or English: what the buyer chose, else what the browser prefers.

import { speak } from "../shared/api.js";
import { keepSetting, setting } from "./store.js";
import { text as en } from "./text/en.js";
import { text as ko } from "./text/ko.js";

const texts = { en, ko };

/** The words of the language in use. */
export let t = en;

export function use(tag) {
  t = texts[tag] ?? en;
  document.documentElement.lang = t.tag;
  speak(t.tag);
}

export function choose(tag) {
  keepSetting("language", tag);
  use(tag);
}

export function start() {
  const chosen = setting("language");
  const wanted = chosen ?? navigator.languages?.map((l) => l.slice(0, 2)).find((l) => l in texts) ?? "en";
  use(wanted);
}

let currency = "KRW";
let digits = 0;

/** Amounts come in the minor unit of this currency. */
export function count(code) {
  currency = code;
  digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

export function money(amount) {
  const format = new Intl.NumberFormat(t.tag, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.format(amount / 10 ** digits);
}

/** What was typed, in the minor unit; null where it is no amount above 0. */
export function minor(text) {
  const amount = Number(text) * 10 ** digits;
  return Number.isSafeInteger(amount) && amount > 0 ? amount : null;
}

/** A date of a concert, in the hall's own time. */
export function when({ startsAt, zone }) {
  const options = { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: zone };
  return new Intl.DateTimeFormat(t.tag, options).format(new Date(startsAt));
}

/** "Section A · Row 3 · Seat 12", with what there is of it. */
export function place({ section, row, number, seatId }) {
  const parts = [section && t.section(section), row && t.row(row), t.seat(number ?? seatId)];
  return parts.filter(Boolean).join(" · ");
}
