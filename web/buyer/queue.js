// One's places, one in each queue: joined, followed, and told to whoever draws them.

import { Refused, ask, insist } from "../shared/api.js";
import { now, until } from "../shared/clock.js";
import { alertTurn } from "./alert.js";
import { shown } from "./proof.js";
import * as store from "./store.js";
import { follow } from "./stream.js";

/** The clocks of page and server may differ by so much before the first answer. */
const NEWS_AGE_MS = 60_000;

/** By queue. @type {Map<string, Followed>} */
const followed = new Map();
/** @type {Map<number, Wire.News>} */
const news = new Map();
const listeners = new Set();
/** What one tab hears, the others hear. */
const tabs = new BroadcastChannel("onsale");

/** Calls `listener()` on every change until `signal`. */
export function watch(listener, signal) {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}

export function redraw() {
  for (const listener of listeners) listener();
}

/** What is known of one's place: undefined where there is none, and without `place` where it is not known yet. */
export const at = (queue) => followed.get(queue);

/** The queues in which one is inside. */
export function sessions() {
  return [...followed.values()].filter(
    ({ place }) => place?.status === "PROGRESS" && place.sessionExpiresAt && until(place.sessionExpiresAt) > 0,
  );
}

/** Whether nobody knows the place just now: no call gets through. */
export const isAway = () => [...followed.values()].some(({ mode, stop }) => mode === "offline" && !stop.signal.aborted);

/** @type {(item: Wire.News) => void} */
let hearNews = () => {};

/** Calls `listener(item)` for each piece of news that comes while the page is open. */
export function onNews(listener) {
  hearNews = listener;
}

const opened = now();

/** What was told to those who wait, newest first. */
export const told = () => [...news.values()].sort((a, b) => b.id - a.id);

/** Takes a place, or finds again the one that the buyer has. */
export async function join(queue, onwait, code = "") {
  const userId = store.user();
  const send = (proof) => {
    const body = { userId, queue, ...(code && { code }), ...(proof && { proof }) };
    return insist("POST", "/v1/api/queue/token", { body, onwait });
  };
  const { data } = await store.alone("join", () => shown(queue, String(userId), send));
  store.keepToken(queue, data.queueToken);
  start(queue, data.queueToken, data);
}

/** Goes on following the places that this browser has. */
export function resume() {
  for (const queue of store.queues()) {
    store.keepReader(store.token(queue));
    start(queue, store.token(queue));
  }
}

/** @param {Standing | null} place */
function start(queue, token, place = null) {
  const known = followed.get(queue);
  if (known?.token === token && !known.stop.signal.aborted) {
    // Asked again for what is followed already: it is news all the same.
    if (place) hear(known, { sessionExpiresAt: known.place?.sessionExpiresAt ?? null, ...place });
    return;
  }
  known?.stop.abort();
  /** @type {Followed} */
  const entry = { queue, token, place, mode: "polling", stop: new AbortController() };
  followed.set(queue, entry);
  /** @type {Follower} */
  const on = {
    place: (place) => {
      tabs.postMessage({ token, place });
      hear(entry, place);
    },
    mode: (mode) => entry.mode !== mode && ((entry.mode = mode), redraw()),
    news: (item) => hearOf(item),
    refused: (problem) => refused(entry, problem),
  };
  follow(token, on, entry.stop.signal).finally(() => entry.stop.abort());
  redraw();
}

/** @param {Wire.News} item */
function hearOf(item) {
  if (news.has(item.id)) return;
  news.set(item.id, item);
  // What was said before the page was opened is in the list, and interrupts nobody.
  if (Date.parse(item.at) > opened - NEWS_AGE_MS) hearNews(item);
  redraw();
}

/**
 * @param {Followed} entry
 * @param {Standing} place
 */
function hear(entry, place) {
  const before = entry.place?.status;
  entry.place = place;
  // Before the opening nobody has a position.
  if (place.status === "WAITING" && place.queuePosition > 0) store.firstPosition(entry.queue, entry.token, place.queuePosition);
  if (before === "WAITING" && place.status === "PROGRESS") alertTurn(entry.queue);
  redraw();
}

/** A token that is none any more: the store was made anew. */
function refused(entry, problem) {
  if (problem instanceof Refused && problem.status === 401) forget(entry.queue);
}

export function forget(queue) {
  followed.get(queue)?.stop.abort();
  followed.delete(queue);
  store.keepToken(queue, null);
  redraw();
}

/** Asks at once what the place is now: after a payment, which ends the session. */
export async function refresh(queue) {
  const entry = followed.get(queue);
  if (!entry) return;
  const { data } = await insist("POST", "/v1/api/queue/token/check", { token: entry.token });
  hear(entry, data);
}

/** Says that the buyer is there: who is inside has the whole time again, until they count as idle or their session ends. */
export async function stay(queue) {
  const entry = followed.get(queue);
  if (!entry) return;
  const { token } = entry;
  const { data } = await ask("POST", "/v1/api/queue/token/stay", { token });
  tabs.postMessage({ token, place: data });
  hear(entry, data);
}

export async function leave(queue) {
  const token = store.token(queue);
  await insist("POST", "/v1/api/queue/token/leave", { token });
  forget(queue);
}

tabs.addEventListener("message", ({ data: { token, place } }) => {
  const entry = [...followed.values()].find((entry) => entry.token === token);
  if (entry) hear(entry, place);
});

// Another tab joined, left, or took a place over from another device.
addEventListener("storage", ({ key }) => {
  if (key !== null && !key.startsWith("onsale.token.")) return;
  for (const queue of [...followed.keys()]) {
    if (!store.token(queue)) {
      followed.get(queue).stop.abort();
      followed.delete(queue);
    }
  }
  resume();
  redraw();
});
