// What seats are called: a reservation has their numbers alone.

import { ask } from "../../shared/api.js";
import * as catalog from "../catalog.js";
import { place } from "../language.js";
import * as store from "../store.js";

const LOOK_SEATS_MAX = 5_000;

/** The names of a reservation's seats. They are looked up while one is inside; else from what was kept, or by number.
 * @param {Pick<Wire.Reservation, "scheduleId" | "seatIds">} reservation
 * @param {string} token */
export async function seatNames({ scheduleId, seatIds }, token) {
  const names = [];
  for (const seatId of seatIds) {
    names.push(place(kept(scheduleId, seatId) ?? (await look(scheduleId, seatId, token)) ?? { seatId }));
  }
  return names.join(", ");
}

/** Keeps what a seat is called, for when one is inside no more.
 * @param {number} scheduleId
 * @param {Named} seat */
export function keepSeat(scheduleId, { seatId, section, row, number }) {
  store.keepSetting(`seat.${scheduleId}.${seatId}`, { seatId, section, row, number });
}

/** @returns {Named | undefined} */
const kept = (scheduleId, seatId) =>
  store.setting(`seat.${scheduleId}.${seatId}`) ??
  store.tickets().find((ticket) => ticket.scheduleId === scheduleId && ticket.seatId === seatId);

async function look(scheduleId, seatId, token) {
  // A stadium's list is too much to ask for one name.
  const schedule = catalog.known(scheduleId);
  if (!schedule || schedule.totalSeats > LOOK_SEATS_MAX) return null;
  try {
    const { data } = await ask("GET", `/v1/api/concerts/seat?scheduleId=${scheduleId}`, { token });
    const seat = data.find((seat) => seat.seatId === seatId);
    if (seat) keepSeat(scheduleId, seat);
    return seat;
  } catch {
    return null;
  }
}
