// One's place, pushed where the server has a stream to spare, asked for where it has none.

import { Refused, Unreachable, ask, rest } from "../shared/api.js";
import { locked } from "./locks.js";

/** A stream that says nothing for this long, not even a heartbeat, is dead. */
const SILENCE_MS = 40_000;
/** How long to do without a stream after one was refused: those who wait are many, and streams are few. */
const STREAMLESS_MS = 60_000;
/** The same after one broke off. */
const LOST_MS = 4_000;

/**
 * Follows the place that `token` stands for until `signal`, or until there is nothing more to follow.
 * @param {string} token
 * @param {Follower} on
 * @param {AbortSignal} signal
 */
export async function follow(token, on, signal) {
  let streamless = 0;
  let newsKnown = null;
  while (!signal.aborted) {
    if (performance.now() >= streamless) {
      const result = await inOneTab(token, () => stream(token, on, signal)).catch(() => "failed");
      if (result === "over" || signal.aborted) return;
      const pause = { refused: STREAMLESS_MS, failed: LOST_MS, taken: LOST_MS, ended: 0 }[result];
      streamless = performance.now() + pause * (0.5 + Math.random());
    }
    // One question between two streams, so that a dead connection shows.
    const wait = await poll(token, on, signal);
    if (wait === null || signal.aborted) return;
    newsKnown = await pollNews(token, on, newsKnown, signal);
    // Spread by a fifth: who joined together should not ask together.
    await rest(wait * (0.9 + Math.random() * 0.2), signal).catch(() => {});
  }
}

/** A browser has six connections to a host over HTTP/1.1: were each tab to keep one, the seventh tab would hang. The
 * tab with the stream tells the others what it hears. Not every browser gives locks, and few have six tabs. */
function inOneTab(token, work) {
  return locked(`onsale.stream.${token}`, { ifAvailable: true }, async (lock) => (lock ? work() : "taken"));
}

/** Asks once; how long to wait before the next time, null when there is nothing more to ask.
 * @param {string} token
 * @param {Follower} on
 * @param {AbortSignal} signal */
async function poll(token, on, signal) {
  try {
    const { data } = await ask("POST", "/v1/api/queue/token/check", { token, signal });
    on.mode("polling");
    on.place(data);
    return data.pollAfterMillis;
  } catch (error) {
    // What a proxy refuses on the way says nothing of the place: it is asked for again.
    if (error instanceof Unreachable || error.isForeign) on.mode("offline");
    else if (error instanceof Refused && !error.isOpen) return on.refused(error), null;
    return signal.aborted ? null : Math.max(2_000, error.retryAfterMs || 0) * (1 + Math.random());
  }
}

/** @param {Follower} on */
async function pollNews(token, on, known, signal) {
  try {
    const { data, tag } = await ask("GET", "/v1/api/queue/news", { token, known, signal });
    for (const item of data ?? []) on.news(item);
    return tag;
  } catch {
    return known;
  }
}

/** Reads one stream to its end: "over" when the place is settled, "ended" when the server ended it. */
async function stream(token, on, signal) {
  const silence = new AbortController();
  const stop = () => silence.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, SILENCE_MS);
  // A frozen tab wakes with timers that never ran: whether the stream lives is asked anew.
  let heard = performance.now();
  const woken = () => document.visibilityState === "visible" && performance.now() - heard > SILENCE_MS && stop();
  document.addEventListener("visibilitychange", woken);
  addEventListener("offline", stop);
  try {
    const response = await fetch("/v1/api/queue/stream", {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      signal: silence.signal,
      cache: "no-store",
    });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) return "refused";
    on.mode("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return "ended";
      heard = performance.now();
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE_MS);
      const events = (rest + value).split(/\r?\n\r?\n/);
      rest = events.pop();
      for (const event of events) {
        if (tell(event, on)) return "over";
      }
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
    signal.removeEventListener("abort", stop);
    document.removeEventListener("visibilitychange", woken);
    removeEventListener("offline", stop);
  }
}

/** One event of the stream; whether nothing can follow it.
 * @param {string} event
 * @param {Follower} on */
function tell(event, on) {
  let [kind, data] = ["message", ""];
  for (const line of event.split(/\r?\n/)) {
    if (line.startsWith("event:")) kind = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trimStart();
  }
  if (!data) return false;
  const value = JSON.parse(data);
  if (kind === "news") on.news(value);
  if (kind !== "place") return false;
  on.place(value);
  return value.status === "DONE" || value.status === "EXPIRED";
}
