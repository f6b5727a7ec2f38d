// What is going on, in words, and which lever is for it: what a tired person reads first.

import { h, put } from "../../shared/dom.js";
import { isSlow } from "../alarms.js";
import { count, milliseconds } from "../format.js";
import { t } from "../language.js";

/** Inside is full where less than this part of it is free: places are given once a second or so. */
const FREE_PART_MIN = 0.03;

/** Sentences about the state `now`, each `{ text, bad }`.
 * @param {Wire.OpsNow} now */
export function advice(now) {
  const { figures, queues, schedules, settingsNotInForce = [], gates = [] } = now;
  const sentences = [];
  const tell = (text, bad = false) => sentences.push({ text, bad });
  if (figures.failuresPerSecond > 0) tell(t.advice.failing(count(figures.failuresPerSecond)), true);
  const free = schedules.filter(({ closed }) => !closed).reduce((total, { availableSeats, heldSeats }) => total + availableSeats + heldSeats, 0);
  if (schedules.length > 0 && schedules.every(({ closed }) => closed)) tell(t.advice.allClosed, true);
  else if (schedules.length > 0 && free === 0) tell(t.advice.soldOut);
  for (const queue of queues) tell(...ofQueue(queue, figures, queues.length > 1));
  for (const { key, given, inForce } of settingsNotInForce) tell(t.advice.setting(key, given, inForce));
  for (const { site, queue, queueExists } of gates) if (!queueExists) tell(t.advice.gateWithoutQueue(site, queue), true);
  return sentences;
}

/**
 * @param {Wire.QueueState} queue
 * @param {Wire.OpsNow["figures"]} figures
 * @param {boolean} named
 * @returns {[text: string, bad?: boolean]}
 */
function ofQueue({ queue, mode, waiting, active, silent, activeLimit, admitPerSecond }, figures, named) {
  const words = t.advice;
  const name = named ? words.queue(queue) : "";
  const [line, inside, limit] = [words.wait(count(waiting)), count(active), count(activeLimit)];
  if (mode === "PAUSED") return [name + words.paused(line, inside), true];
  if (mode === "CLOSED") return [name + words.closed(line), waiting > 0];
  if (mode === "DRAINING" && waiting === 0) return [name + words.drained];
  if (waiting === 0) return [name + words.calm(inside, limit)];
  const trend = figures.arrivalsPerSecond > figures.admittedPerSecond ? words.grows : words.shortens;
  const latency = words.latency(milliseconds(figures.latencyP99Ms), milliseconds(figures.commitP99Ms));
  if (isSlow(figures)) return [name + words.slow(line, trend, latency), true];
  const full = active >= activeLimit * (1 - FREE_PART_MIN);
  if (full && silent > 0) return [name + words.silent(line, trend, count(silent), inside)];
  if (full) return [name + words.full(line, trend, latency)];
  if (admitPerSecond !== null) return [name + words.limited(line, trend, count(admitPerSecond), latency)];
  return [name + words.fills(line, trend)];
}

export class Advice {
  constructor() {
    this.list = h("ul", { class: "advice" });
    this.region = h("div", { role: "status" }, this.list);
    const rows = t.advice.levers.map(([seen, done]) => h("tr", {}, h("th", { scope: "row" }, seen), h("td", {}, done)));
    this.element = h(
      "section",
      { "aria-label": t.advice.label },
      this.region,
      h("details", { class: "quiet" }, h("summary", {}, t.advice.which), h("table", {}, h("tbody", {}, rows)), h("p", {}, h("a", { href: "/docs", target: "_blank", rel: "noopener" }, t.advice.api))),
    );
  }

  /** @param {Wire.OpsNow} now */
  show(now) {
    const sentences = advice(now);
    // Figures in it change every second; who listens to the page hears it again only when the advice itself is another.
    const gist = sentences.map(({ text }) => text.replace(/[\d.,]+( (µs|ms|s)\b|초)?/g, "#")).join("|");
    this.region.setAttribute("aria-live", gist === this.gist ? "off" : "polite");
    this.gist = gist;
    put(this.list, sentences.map(({ text, bad }) => h("li", { class: bad ? "bad" : "" }, text)));
  }
}
