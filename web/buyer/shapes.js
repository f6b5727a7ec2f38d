// What the things have that this browser keeps. Another version of the page may have kept them, or another page of the
// same address: what does not fit is as good as nothing, and is dropped where it is read.

/** @typedef {(value: any) => boolean} Shape */

const text = (value) => typeof value === "string";
const truth = (value) => typeof value === "boolean";
const whole = Number.isSafeInteger;
const id = (value) => whole(value) && value > 0;
/** With its distance from UTC, as the API writes it. */
const time = (value) => text(value) && /(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
/** What goes into a header: anything else would fail each call. */
const secret = (value) => text(value) && /^[\w.~+/=-]+$/.test(value);
/** @returns {Shape} */
const maybe = (fits) => (value) => value === null || value === undefined || fits(value);
/** @returns {Shape} */
const list = (fits) => (value) => Array.isArray(value) && value.every(fits);
/** @returns {Shape} */
const object = (fields) => (value) =>
  typeof value === "object" && value !== null && Object.entries(fields).every(([name, fits]) => fits(value[name]));

const schedule = object({
  scheduleId: id,
  startsAt: time,
  endsAt: time,
  zone: text,
  saleClosed: truth,
  totalSeats: whole,
  sections: list(object({ section: maybe(text), seats: whole, amountMin: whole, amountMax: whole })),
});

const concert = object({ concertId: id, title: text, queue: text, schedules: list(schedule) });

/** A catalog that was kept by an older page has none. */
const shop = object({ title: maybe(text), color: maybe(text), imprint: maybe(text), returns: list(text), joinOpen: truth });

const currency = (value) => text(value) && /^[A-Z]{3}$/.test(value);

/** By the first part of the name under which a thing is kept; what has no shape here may be anything.
 * @type {Map<string, Shape>} */
export const SHAPES = new Map(Object.entries({
  user: id,
  token: secret,
  reader: secret,
  first: object({ token: text, position: id }),
  intent: object({ key: secret, amount: maybe(id) }),
  seat: object({ seatId: id, section: maybe(text), row: maybe(text), number: maybe(text) }),
  language: text,
  tickets: Array.isArray,
  catalog: object({
    tag: maybe(text),
    data: object({ currency, currencyDigits: whole, demo: truth, shop: maybe(shop), concerts: list(concert) }),
  }),
}));

/** A ticket that can be shown. Each is looked at alone, so that one that is broken takes no other with it. */
export const isTicket = object({
  reservationId: id, paymentId: id, scheduleId: id, seatId: id, concertTitle: text, startsAt: time, ticket: text,
});
