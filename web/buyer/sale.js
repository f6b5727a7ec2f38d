// How the sale stands, for who has not joined or still waits: which queues take people in, and what is sold out.

import { ask, rest } from "../shared/api.js";

const REFRESH_MS = 15_000;
/** The same while nobody is let in: whoever waits for nothing should hear of it soon. Nothing is sold then, and the answer
 * is that nothing changed. */
const STILL_MS = 5_000;
const STEP_MS = 1_000;

/** @type {Wire.SaleState} */
let current = { queues: [], soldOut: [], chargeLimit: null, seatsPerHoldMax: null, chargeOpen: true, entrySigned: false, holdExtendSeconds: 0 };

/** A queue of which nothing is known.
 * @type {Omit<Wire.SaleQueue, "queue">} */
const UNKNOWN = { mode: "OPEN", phase: "OPEN", prequeueAt: null, opensAt: null, closesAt: null, order: "fifo", codes: "NONE", proofBits: 0 };

/** When a queue opens and closes by itself. */
export const opening = (queue) => current.queues.find((one) => one.queue === queue) ?? UNKNOWN;

/** Whether people join a queue with codes. */
export const codes = (queue) => opening(queue).codes;

/** The mode of a queue; OPEN as long as nothing else is known. */
export const mode = (queue) => opening(queue).mode;

export const isSoldOut = (scheduleId) => current.soldOut.includes(scheduleId);

/** How much work a new place in a queue takes; without a queue, in the default one. */
export const proofBits = (queue = "default") => opening(queue).proofBits;

/** The queues in which a new place takes work. */
export const working = () => current.queues.filter((one) => one.proofBits > 0).map(({ queue }) => queue);

/** Whether whoever joins comes from a shop. */
export const isEntrySigned = () => current.entrySigned;

const listeners = new Set();

/** Calls `listener()` whenever it is heard how the sale stands. */
export const watch = (listener) => listeners.add(listener);

/** Whether buyers may add to their own wallet here. */
export const isChargeOpen = () => current.chargeOpen;

/** The most that one charge may add; asked for anew, as an operator may have changed it. */
export async function chargeLimit() {
  current = (await ask("GET", "/v1/sale")).data;
  return current.chargeLimit;
}

/** How many seats may be held at once. */
export async function seatsPerHold() {
  current = (await ask("GET", "/v1/sale")).data;
  return current.seatsPerHoldMax;
}

/** The name of the queue that tokens call by this number, undefined where there is none: queues are listed as they were made.
 * @param {number} number
 * @returns {Promise<string | undefined>} */
export async function queueName(number) {
  current = (await ask("GET", "/v1/sale")).data;
  return current.queues[number]?.queue;
}

/** Asks anew, once. */
export async function refresh() {
  current = (await ask("GET", "/v1/sale")).data;
}

/** Keeps it up to date until `signal`; `changed()` is told when it is another. `isStill()` says whether nobody is let in. */
export async function follow(changed, signal, isStill = () => false) {
  let tag = null;
  while (!signal.aborted) {
    try {
      const answer = await ask("GET", "/v1/sale", { known: tag, signal });
      tag = answer.tag;
      if (answer.data) {
        current = answer.data;
        changed();
      }
      for (const listener of listeners) listener();
    } catch {
      // What was known before is shown on: it is asked again soon.
    }
    // Looked at in steps, for it may come to a standstill between two questions.
    const [asked, spread] = [performance.now(), 0.75 + Math.random() * 0.5];
    const due = () => (isStill() ? STILL_MS : REFRESH_MS) * spread <= performance.now() - asked;
    while (!due() && !signal.aborted) await rest(STEP_MS, signal).catch(() => {});
  }
}
