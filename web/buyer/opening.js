// A queue that opens by itself: what it is now and how long until it is another, by the server's clock and not by the phone's.

import { until } from "../shared/clock.js";
import { h, say } from "../shared/dom.js";
import { download, reminder } from "./keep.js";
import { moment, t } from "./language.js";

/** @typedef {Pick<Wire.SaleQueue, "prequeueAt" | "opensAt" | "closesAt"> & Partial<Pick<Wire.SaleQueue, "order">>} Opening */

const TICK_MS = 250;
/** Whoever listens is told when there is no more left than this, and not each second. */
const SPOKEN_MS = [10_000, 60_000, 600_000, 3_600_000];

const isPast = (at) => Boolean(at) && until(at) === 0;

/** What the moments make of the queue now. The server says the same; the page need not ask it when a moment comes.
 * @param {Opening} opening */
export function phase({ prequeueAt, opensAt, closesAt }) {
  if (isPast(closesAt)) return "OVER";
  if ((!prequeueAt && !opensAt) || isPast(opensAt)) return "OPEN";
  return isPast(prequeueAt) ? "PREQUEUE" : "CLOSED";
}

/** Whether nobody is admitted yet, and so nobody is told a place.
 * @param {Opening} opening */
export const isBefore = (opening) => ["CLOSED", "PREQUEUE"].includes(phase(opening));

/** How long until a moment, as it passes.
 * @param {string} at
 * @param {string} label */
export function countdown(at, label) {
  const digits = h("p", { class: "place countdown", role: "timer", "aria-label": label, "data-test": "countdown" });
  const spoken = h("p", { class: "unseen", role: "status" });
  const element = h("div", {}, h("p", { class: "label" }, label), digits, spoken);
  let step = null;
  const tick = () => {
    const left = until(at);
    say(digits, t.countdown(left));
    const now = SPOKEN_MS.find((ms) => left <= ms) ?? Infinity;
    if (now !== step) say(spoken, `${label}: ${t.countdown(left)}`);
    step = now;
  };
  tick();
  const timer = setInterval(() => (element.isConnected ? tick() : clearInterval(timer)), TICK_MS);
  return element;
}

/** What is to be known of a queue that opens later, and a way to be reminded of it.
 * @param {Opening} opening
 * @param {string} title what is sold there
 * @param {boolean} isIn whether one has joined already, and only the opening matters
 * @returns {Child[]} */
export function announced(opening, title, isIn = false) {
  const { prequeueAt, opensAt } = opening;
  const isOpenToAll = isIn || phase(opening) === "PREQUEUE";
  const next = isOpenToAll ? opensAt : prequeueAt ?? opensAt;
  const words = [
    !isOpenToAll && prequeueAt && t.prequeueFrom(moment(prequeueAt)),
    opensAt ? t.opensFrom(moment(opensAt)) : t.opensLater,
    opening.order === "draw" ? t.drawMeans : t.prequeueMeans,
  ];
  return [
    next && countdown(next, isOpenToAll ? t.untilOpening : prequeueAt ? t.untilPrequeue : t.untilOpening),
    ...words.filter(Boolean).map((text) => h("p", { class: "quiet" }, text)),
    opensAt && h("button", { type: "button", "data-test": "remind", onclick: () => remind(opensAt, title) }, t.saveOpening),
  ];
}

/** The start as a file for a calendar. */
function remind(at, title) {
  download("opening.ics", "text/calendar", reminder(at, title));
}
