// What seats cost, and for whom: the price types of a date, and what each seat asks of them.

import { t } from "./language.js";

/** What a price type is called: in the catalog's words, where it has any, otherwise in the page's.
 * @param {Wire.CatalogPriceType} type */
export const named = ({ priceType, title }) => title ?? t.priceTypes[priceType] ?? priceType;

/** What a ticket's price type is called: the ticket says it itself.
 * @param {Wire.SeatTicket} ticket */
export const ofTicket = ({ priceType, priceTypeTitle }) => priceType && named({ priceType, title: priceTypeTitle });

/** For whom the seats of a reservation are, and what each costs, in their order; none where the date has one price for all.
 * @param {Wire.Reservation} reservation
 * @param {KnownSchedule | undefined} schedule */
export function forWhom({ seats = [] }, schedule) {
  const known = schedule?.priceTypes ?? [];
  const name = (id) => named(known.find(({ priceType }) => priceType === id) ?? { priceType: id });
  return seats.map(({ priceType, amount }) => ({ name: name(priceType), amount }));
}

/** The prices of a seat that there are to choose from, `{ priceType, name, amount }`; none where there is one for all.
 * @param {KnownSchedule} schedule
 * @param {Pick<Wire.Seat, "amount" | "prices">} seat */
export function pricesOf(schedule, seat) {
  const [first, ...others] = schedule.priceTypes ?? [];
  if (!first) return [];
  const amounts = new Map((seat.prices ?? []).map(({ priceType, amount }) => [priceType, amount]));
  const offered = others.filter(({ priceType }) => amounts.has(priceType));
  return [first, ...offered].map((type) => ({
    priceType: type.priceType,
    name: named(type),
    amount: amounts.get(type.priceType) ?? seat.amount,
  }));
}

/** @param {Pick<Wire.Seat, "attributes">} seat */
export const isPlace = ({ attributes }) => attributes?.includes("wheelchair") ?? false;

/** What is particular about a seat, in words.
 * @param {Pick<Wire.Seat, "attributes">} seat */
export const particulars = ({ attributes }) => (attributes ?? []).map((one) => t.attributes[one] ?? one);
