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
  if (seatIds.some((seatId) => !kept(scheduleId, seatId))) await look(scheduleId, seatIds, token);
  return seatIds.map((seatId) => place(kept(scheduleId, seatId) ?? { seatId }));
}

/** Keeps what a seat is called, for when one is inside no more.
 * @param {number} scheduleId
 * @param {Named} seat */
export function keepSeat(scheduleId, { seatId, section, row, number, standing }) {
  store.keepSetting(`seat.${scheduleId}.${seatId}`, { seatId, section, row, number, standing });
}

/** @returns {Named | undefined} */
const kept = (scheduleId, seatId) =>
  store.setting(`seat.${scheduleId}.${seatId}`) ??
  store.tickets().find((ticket) => ticket.scheduleId === scheduleId && ticket.seatId === seatId);

/** Asks what seats are called, and keeps it. */
async function look(scheduleId, seatIds, token) {
  // A stadium's list is too much to ask for a few names.
  const schedule = catalog.known(scheduleId);
  if (!schedule || schedule.totalSeats > LOOK_SEATS_MAX) return;
  try {
    const { data } = await ask("GET", `/v1/api/concerts/seat?scheduleId=${scheduleId}`, { token });
    for (const seat of data) if (seatIds.includes(seat.seatId)) keepSeat(scheduleId, seat);
  } catch {
    // Whoever is outside is told no seats: their numbers must do.
  }
}
