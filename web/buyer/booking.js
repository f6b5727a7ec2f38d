// What changes something: hold, charge, pay, give back. Each has a key that is kept until there is an answer, so that
// a double click, a lost connection, a closed tab or a second tab does it once.

import { Refused, ask, insist } from "../shared/api.js";
import { until } from "../shared/clock.js";
import * as store from "./store.js";

/** Sends an intent until it is answered, in one tab at a time. */
async function carryOut(name, what, path, body, token, onwait) {
  const { key } = store.intend(name, what);
  try {
    const { data } = await insist("POST", path, { token, body, key, onwait });
    store.settle(name);
    return data;
  } catch (error) {
    // A refusal is an answer, and frees the key.
    if (error instanceof Refused) store.settle(name);
    throw error;
  }
}

export async function hold(scheduleId, seatId, token, onwait) {
  const name = `reserve.${scheduleId}.${seatId}`;
  const body = { scheduleId, seatId };
  const once = () => carryOut(name, {}, "/v1/api/concerts/reserve", body, token, onwait);
  const held = await store.alone(name, once);
  // An answer that was lost long ago is given again as it was then: that hold is over, and this is another wish.
  return until(held.reservedUntil) > 0 ? held : store.alone(name, once);
}

export function pay(reservationId, token, onwait) {
  const name = `pay.${reservationId}`;
  return store.alone(name, () => carryOut(name, {}, "/v1/api/concerts/payment", { reservationId }, token, onwait));
}

/** Whether a payment was sent and not answered. */
export const payPending = (reservationId) => store.pending(`pay.${reservationId}`) !== null;

/** Adds what is missing for this reservation to the wallet; the balance. What is missing is asked for first, for
 * another tab may have added it. */
export function chargeMissing(reservationId, price, token, onwait) {
  const name = `charge.${reservationId}`;
  return store.alone("charge", async () => {
    let intent = store.pending(name);
    if (!intent) {
      const balance = await getBalance(token);
      if (balance >= price) return balance;
      intent = { amount: price - balance };
    }
    const { amount } = intent;
    return (await carryOut(name, { amount }, "/v1/api/user/amount", { amount }, token, onwait)).amount;
  });
}

/** Adds an amount to the wallet; the balance. What was sent before and not answered comes first, with its own amount. */
export function charge(amount, token, onwait) {
  return store.alone("charge", async () => {
    const intent = store.pending("charge") ?? { amount };
    return (await carryOut("charge", intent, "/v1/api/user/amount", { amount: intent.amount }, token, onwait)).amount;
  });
}

export const chargePending = (reservationId) => store.pending(`charge.${reservationId}`) !== null;

export async function getBalance(token, signal) {
  return (await insist("GET", "/v1/api/user/amount", { token, signal })).data.amount;
}

/** Gives a held seat back. Twice does no harm: the second time it is refused as gone. */
export function giveBack(reservationId, token) {
  return insist("POST", "/v1/api/concerts/reserve/cancel", { token, body: { reservationId } });
}

/** One's reservations, newest first. */
export async function reservations(token, signal) {
  return (await insist("GET", "/v1/api/user/reservations", { token, signal })).data;
}

/** One's tickets, newest first; those that this browser kept where there is no connection. */
export async function tickets(token) {
  try {
    const { data } = await ask("GET", "/v1/api/user/tickets", { token });
    store.keepTickets(data);
    return data;
  } catch (error) {
    if (error instanceof Refused && !error.isOpen) throw error;
    return store.tickets();
  }
}
