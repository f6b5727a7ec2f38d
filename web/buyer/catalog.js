// What is on sale. It changes with the catalog alone, so it is asked for once a visit.

import { insist } from "../shared/api.js";

let loaded = null;

/** The catalog: `{ currency, concerts }`. */
export function load() {
  loaded ??= insist("GET", "/v1/catalog").then(({ data }) => data);
  loaded.catch(() => (loaded = null));
  return loaded;
}

/** Asks anew: something was not where it was. */
export function reload() {
  loaded = null;
  return load();
}

/** The schedule, with its `concert`; undefined where there is none. */
export async function schedule(id) {
  const { concerts } = await load();
  for (const concert of concerts) {
    const found = concert.schedules.find((schedule) => schedule.scheduleId === Number(id));
    if (found) return { ...found, concert };
  }
}
