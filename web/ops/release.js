// Releasing a hold, wherever it is shown.

import { t } from "./language.js";
import { Refused, call } from "./session.js";

/**
 * Releases a hold. Whether the reason is on record: a store below the level of reasons has no place for one, and its holds must be
 * released all the same.
 * @param {number | string} reservation
 * @param {string} reason
 * @returns {Promise<boolean>}
 */
export async function release(reservation, reason) {
  const path = /** @type {const} */ (`reservations/${encodeURIComponent(reservation)}/release`);
  try {
    await call("POST", path, { reason });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The API's own words are for buyers: where one finds one's reservations.
    if (error.status === 404) throw new Error(t.holds.unknown(reservation));
    if (error.code !== "LEVEL_TOO_LOW") throw error;
    await call("POST", path);
    return false;
  }
}
