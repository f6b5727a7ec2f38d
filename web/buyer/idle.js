// Who is inside and does nothing makes room for the next. They are warned in time, and one tap keeps them inside. Whatever a buyer
// does on this page says by itself that they are there: a page that lies open in a pocket says nothing. Where sessions become longer
// for those who do something, the same word puts the end off.

import { until } from "../shared/clock.js";
import { h, say } from "../shared/dom.js";
import { alertIdle } from "./alert.js";
import { t } from "./language.js";
import * as queue from "./queue.js";
import { announce, button } from "./shell.js";

/** So long before the end the warning comes, or for the last half where the whole time is short. */
const WARNED_MS = 30_000;
/** What a buyer does is said at most so often, or once in the eighth part of the time that is left. */
const SAID_MS = 10_000;

/** By token: the longest time that was left, which is the whole of it.
 * @type {Map<string, number>} */
const whole = new Map();
/** When it was last said of a token that its buyer is there.
 * @type {Map<string, number>} */
const saidAt = new Map();
/** @type {HTMLElement | null} */
let warning = null;

const left = (place) => until(place.sessionIdleAt);

/** The sessions that end for idleness, the first to end first. */
const ending = () =>
  queue
    .sessions()
    .filter(({ place }) => place.sessionIdleAt)
    .sort((a, b) => left(a.place) - left(b.place));

/** So long it is not said again that a buyer is there; for ever where nothing depends on it.
 * @param {Standing} place */
function pause({ sessionIdleAt, sessionMaxAt, sessionExpiresAt }) {
  // An end that is put off is minutes away, and its eighth part is often enough.
  const slides = sessionMaxAt && sessionExpiresAt ? until(sessionExpiresAt) / 8 : Infinity;
  return sessionIdleAt ? Math.min(SAID_MS, until(sessionIdleAt) / 8, slides) : slides;
}

/** Warns while the page is open, and listens to what its buyer does. */
export function start() {
  for (const event of ["pointerdown", "keydown", "wheel"]) addEventListener(event, act, { passive: true, capture: true });
  document.addEventListener("visibilitychange", act);
  setInterval(tick, 500);
}

/** The buyer does something. */
function act() {
  if (document.visibilityState !== "visible") return;
  for (const { queue: name, token, place } of queue.sessions()) {
    const pauseMs = pause(place);
    if (performance.now() - (saidAt.get(token) ?? -Infinity) > pauseMs) stay(name, token);
  }
}

/** Says it; where that fails, whatever the buyer does next says it again. */
async function stay(name, token) {
  saidAt.set(token, performance.now());
  try {
    await queue.stay(name);
  } catch {
    saidAt.delete(token);
  }
  tick();
}

function tick() {
  const [first] = ending();
  if (!first) return close();
  const time = left(first.place);
  whole.set(first.token, Math.max(time, whole.get(first.token) ?? 0));
  if (time > Math.min(WARNED_MS, whole.get(first.token) / 2)) return close();
  if (!warning) open(first);
  say(warning.firstElementChild, t.idleWarning(t.clock(time)));
}

/** @param {Followed} session */
function open({ queue: name, token, place }) {
  const keep = button(t.idleStay, t.idleStaying, () => stay(name, token));
  keep.dataset.test = "stay";
  warning = h("div", { class: "idle", role: "group", "aria-label": t.idleStay }, h("p", {}), keep);
  document.body.append(warning);
  announce(t.idleWarning(t.clock(left(place))));
  alertIdle(name);
}

function close() {
  warning?.remove();
  warning = null;
}
