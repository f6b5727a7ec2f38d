// What changes something: hold, charge, pay, give back. Each has a key that is kept until there is an answer, so that
// a double click, a lost connection, a closed tab or a second tab does it once.

import { Refused, ask, insist } from "../shared/api.js";
import { until } from "../shared/clock.js";
import { chargeLimit } from "./sale.js";
import * as store from "./store.js";

/** More charges than this for one seat are a mistake of the catalog's. */
const PARTS_MAX = 50;

/** What one tab does, the others hear of. */
const tabs = new BroadcastChannel("onsale.booking");

/** Calls `listener()` until `signal` when what was known may be so no more: another tab did something, or the buyer is
 * back here, maybe from another device.
 * @param {() => unknown} listener
 * @param {AbortSignal} signal */
export function watch(listener, signal) {
  tabs.addEventListener("message", listener, { signal });
  addEventListener("focus", listener, { signal });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listener(), { signal });
}

/** @type {(error: any) => boolean} */
const isRefused = (error) => error instanceof Refused;

/** Whether it says that nothing was done before, either: a refusal of something on the way does not, nor one of a token
 * that is none any more. */
const isDecided = (error) => isRefused(error) && !error.isForeign && error.status !== 401;

/** Sends an intent until it is answered, in one tab at a time; `frees(error)` says which refusals are an answer.
 * @template {string} P
 * @param {string} name
 * @param {object} what
 * @param {P} path
 * @param {Wire.Body<"POST", P>} body
 * @returns {Promise<Wire.Data<"POST", P>>} */
async function carryOut(name, what, path, body, token, onwait, frees = isRefused) {
  const { key } = store.intend(name, what);
  try {
    const { data } = await insist(/** @type {Wire.Method<"POST", P>} */ ("POST"), path, { token, body, key, onwait });
    store.settle(name);
    tabs.postMessage(name);
    return data;
  } catch (error) {
    // A refusal is an answer, and frees the key.
    if (frees(error)) store.settle(name);
    throw error;
  }
}

/** Holds seats of a date, and places of areas, all or none.
 * @param {number} scheduleId
 * @param {Wire.WishedSeat[]} lines
 * @param {{ number: number, areaId: string, priceType?: string, quantity: number }[]} standing each with a number for its area: a key has no room for names
 * @param {string} token
 * @param {(error: Error) => void} [onwait]
 */
export async function hold(scheduleId, lines, standing, token, onwait) {
  const seats = lines.toSorted((a, b) => a.seatId - b.seatId);
  /** @param {Wire.WishedSeat} line */
  const line = ({ seatId, priceType, accessible }) => [seatId, priceType, accessible && "w"].filter(Boolean).join(".");
  const name = `reserve.${scheduleId}.${seats.map(line).join("-")}`;
  if (standing.length > 0) {
    const areas = standing.map(({ areaId, priceType, quantity }) => ({ areaId, quantity, ...(priceType && { priceType }) }));
    const counted = standing.map(({ number, priceType, quantity }) => [`${number}x${quantity}`, priceType].filter(Boolean).join(".")).join("-");
    return holdOnce(`${name}.${counted}`, { scheduleId, areas, ...(seats.length > 0 && { seats }) }, token, onwait);
  }
  const isOne = seats.length === 1 && Object.keys(seats[0]).length === 1;
  return holdOnce(name, { scheduleId, ...(isOne ? seats[0] : { seats }) }, token, onwait);
}

/** Holds the best seats of a date that are free.
 * @param {number} scheduleId
 * @param {Wire.BestSeats} best
 * @param {number} section a number for its section, if it names one: a key has no room for all names
 * @param {string} token
 * @param {(error: Error) => void} [onwait]
 */
export function holdBest(scheduleId, best, section, token, onwait) {
  const types = (best.priceTypes ?? []).map(({ priceType, count }) => `${count}${priceType}`).join("-");
  const name = `reserve.${scheduleId}.best.${best.count}.${best.together}.${section}.${types}.${best.accessible ?? 0}`;
  return holdOnce(name, { scheduleId, best }, token, onwait);
}

/**
 * @param {string} name
 * @param {Wire.Body<"POST", "/v1/api/concerts/reserve">} body
 */
async function holdOnce(name, body, token, onwait) {
  const once = () => carryOut(name, {}, "/v1/api/concerts/reserve", body, token, onwait);
  const held = await store.alone(name, once);
  // An answer that was lost long ago is given again as it was then: that hold is over, and this is another wish.
  return until(held.reservedUntil) > 0 ? held : store.alone(name, once);
}

/**
 * @param {number} reservationId
 * @param {string} token
 * @param {(error: Error) => void} [onwait]
 */
export function pay(reservationId, token, onwait) {
  const name = `pay.${reservationId}`;
  return store.alone(name, () => carryOut(name, {}, "/v1/api/concerts/payment", { reservationId }, token, onwait));
}

/** Whether a payment was sent and not answered. */
export const payPending = (reservationId) => store.pending(`pay.${reservationId}`) !== null;

/** How a reservation stands, undefined where it is none of the token's, and what the wallet has. The wallet is asked
 * first: a payment between the two answers shows in the second, and never looks like money that is missing.
 * @param {number} reservationId
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @param {(error: Error) => void} [onwait]
 * @returns {Promise<Booking>} */
export async function standing(reservationId, token, signal, onwait) {
  const balance = await getBalance(token, signal, onwait);
  const reservation = (await reservations(token, signal, onwait)).find((one) => one.reservationId === reservationId);
  return { balance, reservation };
}

/** Adds what is missing for this reservation to the wallet, and says how it stands. Both are asked for first, for another
 * tab may have added it, or have paid: what is held no more is nothing to add money for.
 * @param {number} reservationId
 * @param {number} price
 * @param {string} token
 * @param {(error: Error) => void} [onwait]
 * @returns {Promise<Booking>} */
export function chargeMissing(reservationId, price, token, onwait) {
  const name = `charge.${reservationId}`;
  return store.alone("charge", async () => {
    const known = await standing(reservationId, token, undefined, onwait);
    if (known.reservation?.status !== "TEMP_RESERVED") {
      store.settle(name);
      return known;
    }
    const intent = store.pending(name) ?? { amount: price - known.balance };
    if (intent.amount <= 0) return known;
    return { ...known, balance: await addInParts(name, intent.amount, price, token, onwait) };
  });
}

/** Adds up to `price`; where a charge may not add as much at once, as much as it may, again and again. */
async function addInParts(name, amount, price, token, onwait) {
  const add = async (amount) =>
    (await carryOut(name, { amount }, "/v1/api/user/amount", { amount }, token, onwait)).amount;
  try {
    return await add(amount);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "AMOUNT_INVALID") throw error;
    const limit = await chargeLimit();
    if (!limit || limit >= amount || amount / limit > PARTS_MAX) throw error;
    let balance = await getBalance(token, undefined, onwait);
    while (balance < price) balance = await add(Math.min(limit, price - balance));
    return balance;
  }
}

/** Adds an amount to the wallet; the balance. What its owner sent before and has no answer to is finished first, with its
 * own key and amount, and told to `onearlier`. Where it is as much, it is taken for what is wanted now.
 * @param {number} amount
 * @param {string} token
 * @param {(earlier: EarlierCharge) => void} onearlier
 * @param {(error: Error) => void} [onwait]
 * @returns {Promise<number>} */
export function charge(amount, token, onearlier, onwait) {
  const name = `wallet.${store.ownerOf(token)}`;
  const add = async (amount) =>
    (await carryOut(name, { amount }, "/v1/api/user/amount", { amount }, token, onwait, isDecided)).amount;
  return store.alone("charge", async () => {
    const earlier = store.pending(name)?.amount;
    if (!earlier) return add(amount);
    try {
      const balance = await add(earlier);
      onearlier({ amount: earlier, balance, isAll: earlier === amount });
      if (earlier === amount) return balance;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "AMOUNT_INVALID") throw error;
      onearlier({ amount: earlier, balance: null, isAll: false });
    }
    return add(amount);
  });
}

export const chargePending = (reservationId) => store.pending(`charge.${reservationId}`) !== null;

/**
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @param {(error: Error) => void} [onwait]
 */
export async function getBalance(token, signal, onwait) {
  return (await insist("GET", "/v1/api/user/amount", { token, signal, onwait })).data.amount;
}

/** Gives a held seat back. Twice does no harm: the second time it is refused as gone.
 * @param {number} reservationId
 * @param {string} token */
export async function giveBack(reservationId, token) {
  await insist("POST", "/v1/api/concerts/reserve/cancel", { token, body: { reservationId } });
  tabs.postMessage(`cancel.${reservationId}`);
}

/** Has more time for a hold, once. An answer that is lost is found in the list of one's reservations.
 * @param {number} reservationId
 * @param {string} token */
export async function extend(reservationId, token) {
  await ask("POST", "/v1/api/concerts/reserve/extend", { token, body: { reservationId } });
  tabs.postMessage(`extend.${reservationId}`);
}

/** One's reservations, newest first.
 * @param {string} token
 * @param {AbortSignal} [signal]
 * @param {(error: Error) => void} [onwait] */
export async function reservations(token, signal, onwait) {
  return (await insist("GET", "/v1/api/user/reservations", { token, signal, onwait })).data;
}

/** The reservations of everybody that this browser was, each with the token that it answers to. */
export async function owned(signal, onwait) {
  /** @type {Owned[]} */
  const all = [];
  for (const token of store.readers()) {
    try {
      for (const one of await reservations(token, signal, onwait)) all.push({ ...one, token });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401 || error.isForeign) throw error;
      store.dropReader(token);
    }
  }
  return all;
}

/** What is held now and not paid.
 * @param {string} token
 * @param {AbortSignal} signal */
export async function held(token, signal) {
  const all = await reservations(token, signal);
  return all.filter(({ status, reservedUntil }) => status === "TEMP_RESERVED" && until(reservedUntil) > 0);
}

/** The tickets of everybody that this browser was, newest first. Those that were kept stay where there is no answer. */
export async function tickets() {
  for (const token of store.readers()) {
    const owner = store.ownerOf(token);
    try {
      const { data } = await ask("GET", "/v1/api/user/tickets", { token });
      store.addTickets(data, owner);
    } catch {
      // What is kept is shown; a ticket that was paid is not taken back.
    }
  }
  return store.tickets();
}
