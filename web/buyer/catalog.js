// What is on sale. The catalog of the last visit is kept, so that a page is never empty because one call is not answered;
// it is asked for anew at each visit, when sales open or close, and where something is not in it.

import { insist, rest } from "../shared/api.js";
import { count } from "./language.js";
import * as store from "./store.js";

/** How long to wait for a fresh one before what was kept has to do. */
const PATIENCE_MS = 1_500;

let current = store.catalog();
/** @type {Promise<Wire.Catalog> | null} */
let asking = null;
let fresh = false;
const listeners = new Set();

if (current) count(current.data.currency, current.data.currencyDigits);

/** Calls `listener()` when the catalog has changed, until `signal`. */
export function watch(listener, signal) {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}

/** Whether the shop is one to play with; undefined as long as that is not known. */
export const isDemo = () => current?.data.demo;

/** The shop in front of the page; undefined as long as that is not known. */
export const shop = () => current?.data.shop;

/** The catalog, `{ currency, concerts }`: as it is now, or as it was kept where the server takes its time. */
export async function load(onwait) {
  if (fresh) return current.data;
  const answer = reload(onwait);
  if (!current) return answer;
  await Promise.race([answer, rest(PATIENCE_MS)]);
  return current.data;
}

/** Asks anew: something was not where it was. */
export function reload(onwait) {
  asking ??= ask(onwait).finally(() => (asking = null));
  return asking;
}

async function ask(onwait) {
  const { data, tag } = await insist("GET", "/v1/catalog", { known: current?.tag, onwait });
  fresh = true;
  if (data) {
    current = { data, tag };
    count(data.currency, data.currencyDigits);
    store.keepCatalog(current);
    for (const listener of listeners) listener();
  }
  return current.data;
}

/** The schedule, with its `concert`; undefined where there is none. */
export async function schedule(id) {
  const found = find(await load(), id);
  // It may have been added since.
  return found ?? (navigator.onLine ? find(await reload(), id) : undefined);
}

/** The same from what is known already, without a question. */
export const known = (id) => current && find(current.data, id);

/** The dates that a queue opens, as far as is known. */
export const datesOf = (queue) =>
  current?.data.concerts.filter((concert) => concert.queue === queue).flatMap(({ schedules }) => schedules) ?? [];

/** The title of the first concert that a queue opens, as far as is known. */
export const titleOf = (queue) => current?.data.concerts.find((concert) => concert.queue === queue)?.title;

/**
 * @param {Wire.Catalog} catalog
 * @returns {KnownSchedule | undefined}
 */
function find({ concerts }, id) {
  for (const concert of concerts) {
    const found = concert.schedules.find((schedule) => schedule.scheduleId === Number(id));
    if (found) return { ...found, concert };
  }
}
