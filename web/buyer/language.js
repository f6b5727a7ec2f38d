// Korean or English: what the buyer chose, else what the browser prefers.

import { speak } from "../shared/api.js";
import { now } from "../shared/clock.js";
import { keepSetting, setting } from "./store.js";

/** The words of each language. Only those of the one in use are fetched.
 * @type {Record<string, () => Promise<{ text: Words<typeof import("./text/en.js").text> }>>} */
const TEXTS = { en: () => import("./text/en.js"), ko: () => import("./text/ko.js") };

/** The words of the language in use; there are none before [`start`] is done.
 * @type {Words<typeof import("./text/en.js").text>} */
export let t;

/** The same, as they are without a shop. @type {typeof t} */
let words;

/** The language that was wanted last. */
let wanted = preferred();

/** Asked for at once, beside the scripts that need them. Who waits for them hears when they cannot be had. */
const first = TEXTS[wanted]();
first.catch(() => {});

/** The shop's name, where it has one. @type {string | null} */
let shopTitle = null;

/** Names the page after the shop. */
export function brand(title) {
  shopTitle = title;
  use(words);
}

function use(text) {
  words = text;
  t = shopTitle === null ? text : { ...text, title: shopTitle };
  document.documentElement.lang = t.tag;
  speak(t.tag);
}

/** Speaks this language from now on. Where its words cannot be had, the one in use stays. */
export async function choose(tag) {
  wanted = tag;
  const { text } = await TEXTS[tag]();
  if (wanted !== tag) return;
  keepSetting("language", tag);
  use(text);
}

/** Speaks what the buyer chose, else what the browser prefers. */
export async function start() {
  use((await first).text);
}

function preferred() {
  const tags = [setting("language"), ...(globalThis.navigator?.languages ?? []).map((tag) => tag.slice(0, 2))];
  return tags.find((tag) => Object.hasOwn(TEXTS, tag ?? "")) ?? "en";
}

let currency = "KRW";
let digits = 0;

/** Amounts come in the minor unit of this currency. How many digits that has is the server's to say: browsers differ. */
export function count(code, minorDigits) {
  currency = code;
  digits = minorDigits;
}

/** The decimal places that an amount may have. */
export const places = () => digits;

export function money(amount) {
  const format = new Intl.NumberFormat(t.tag, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(decimal(amount));
}

/** An amount as the text of a decimal: a quotient would not be exact.
 * @returns {Intl.StringNumericLiteral} */
function decimal(amount) {
  const text = String(amount).padStart(digits + 1, "0");
  return /** @type {`${number}`} */ (digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
}

/** What a price is called: nothing to pay is a word. */
export const price = (amount) => (amount === 0 ? t.gratis : money(amount));

/** The least of several prices. */
export const from = (amount) => (amount === 0 ? t.fromGratis : t.from(money(amount)));

/** With a point or a comma before the decimals; and with commas between the thousands, as [`money`] writes it. */
const WRITTEN = [/^(\d*)(?:[.,](\d+))?$/, /^([1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?$/];

/** The amounts above 0 that what was typed can stand for, in the minor unit: none, one, or two where a comma may be either,
 * as in "1,000" of a currency with three decimals.
 * @param {string} text */
export function amounts(text) {
  const found = WRITTEN.map((form) => form.exec(text.normalize("NFKC").trim())).filter(Boolean);
  return found
    .filter(([, , part = ""]) => part.length <= digits)
    .map(([, whole, part = ""]) => Number(whole.replaceAll(",", "") + part.padEnd(digits, "0")))
    .filter((amount) => Number.isSafeInteger(amount) && amount > 0);
}

/** A date of a concert, in the hall's own time; with its year where that is not this one.
 * @param {{ startsAt: string, zone: string }} date */
export function when({ startsAt, zone }) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
  if (startsAt.slice(0, 4) !== String(new Date(now()).getFullYear())) options.year = "numeric";
  try {
    return new Intl.DateTimeFormat(t.tag, { ...options, timeZone: zone }).format(new Date(startsAt));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return atOffset(startsAt, options);
  }
}

/** A month, given as "2027-05". */
export const month = (key) =>
  new Intl.DateTimeFormat(t.tag, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${key}-01T00:00:00Z`));

/** For a zone that this browser does not know: the clock on the wall there, and how far it is from UTC. */
function atOffset(startsAt, options) {
  const [, wall, offset] = /^(.+?)(Z|[+-]\d\d:\d\d)$/.exec(startsAt);
  const format = new Intl.DateTimeFormat(t.tag, { ...options, timeZone: "UTC" });
  return `${format.format(new Date(`${wall}Z`))} (UTC${offset === "Z" ? "" : offset})`;
}

/** A time of today, on the buyer's own clock. */
export const hour = (time) => new Intl.DateTimeFormat(t.tag, { hour: "numeric", minute: "2-digit" }).format(new Date(time));

/** A moment on the buyer's own clock, with the day. */
export const moment = (time) =>
  new Intl.DateTimeFormat(t.tag, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" })
    .format(new Date(time));

/** Whether a date of a concert is over, by the server's clock.
 * @param {{ endsAt: string }} date */
export const isOver = ({ endsAt }) => Date.parse(endsAt) <= now();

/** Section and row of a seat, as far as it has them. An area is called what the organiser calls it, and is no section.
 * @param {Pick<Named, "section" | "row" | "standing">} seat */
export const whereabouts = ({ section, row, standing }) =>
  [section && (standing ? section : t.section(section)), row && t.row(row)].filter(Boolean);

/** "Section A · Row 3 · Seat 12", with what there is of it.
 * @param {Named} seat */
export const place = (seat) =>
  [...whereabouts(seat), !seat.standing && t.seat(seat.number ?? seat.seatId)].filter(Boolean).join(" · ");
