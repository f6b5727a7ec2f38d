// The work that a new place takes where a queue asks for some (docs/bots.md): begun while somebody still looks at what is on sale,
// so that it is done when they join.

import { Refused, ask } from "../shared/api.js";
import { until } from "../shared/clock.js";
import { solve } from "../shared/work.js";
import { t } from "./language.js";
import * as sale from "./sale.js";
import { notice } from "./shell.js";
import * as store from "./store.js";

/** What would be over before it is shown is done anew. */
const SPARE_MS = 20_000;
/** Whoever waits for it longer than that is told why. */
const UNTOLD_MS = 700;
/** What is asked for may change while it is done: so often it is done again. */
const ATTEMPTS = 3;

/** By queue and person. @type {Map<string, { work: Wire.Work, proof: Promise<string> }>} */
const begun = new Map();

/** Begins what is likely to be needed, once it is known how the sale stands, and again when it would be too old. */
export function start() {
  sale.watch(() => {
    // Who comes from a shop brings the person, and is here for a moment only.
    if (sale.isEntrySigned()) return;
    for (const queue of sale.working()) if (!store.token(queue)) proofOf(queue, String(store.user())).catch(() => {});
  });
}

/** Sends `send(proof)` with the work that the queue asks for.
 * @template T
 * @param {string | undefined} queue
 * @param {string} person
 * @param {(proof: string | undefined) => Promise<T>} send */
export async function shown(queue, person, send) {
  let proof = sale.proofBits(queue) > 0 ? await told(proofOf(queue, person)).catch(() => undefined) : undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(proof);
    } catch (error) {
      if (!(error instanceof Refused) || !error.proof || attempt >= ATTEMPTS) throw error;
      proof = await told(begin(queue, person, error.proof));
    }
  }
}

/** A proof that is good for a while yet.
 * @param {string} queue
 * @param {string} person */
async function proofOf(queue, person) {
  const known = begun.get(`${queue} ${person}`);
  if (known && until(known.work.validUntil) > SPARE_MS && known.work.bits >= sale.proofBits(queue)) return known.proof;
  const { data } = await ask("GET", `/v1/queues/${queue}/proof`);
  return data.bits > 0 ? begin(queue, person, data) : undefined;
}

/** Begins this work, unless it is begun already.
 * @param {string | undefined} queue
 * @param {string} person
 * @param {Wire.Work} work */
function begin(queue, person, work) {
  const known = begun.get(`${queue} ${person}`);
  if (known?.work.challenge === work.challenge && known.work.bits === work.bits) return known.proof;
  const proof = solve(work, person);
  begun.set(`${queue} ${person}`, { work, proof });
  return proof;
}

/** Says why it takes a moment, where it does.
 * @template T
 * @param {Promise<T>} proof */
async function told(proof) {
  const timer = setTimeout(() => notice("proof", t.proving), UNTOLD_MS);
  try {
    return await proof;
  } finally {
    clearTimeout(timer);
    notice("proof", null);
  }
}
