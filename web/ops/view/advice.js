// What is going on, in words, and which lever is for it: what a tired person reads first.

import { h, put } from "../../shared/dom.js";
import { count, milliseconds } from "../format.js";

/** From here on latency is felt, and one more inside makes it worse. */
const LATENCY_MS_MAX = 250;
const COMMIT_MS_MAX = 100;
/** Inside is full where less than this part of it is free: places are given once a second or so. */
const FREE_PART_MIN = 0.03;

/** Sentences about the state `now`, each `{ text, bad }`. */
export function advice(now) {
  const { figures, queues, schedules, settingsNotInForce = [] } = now;
  const sentences = [];
  const tell = (text, bad = false) => sentences.push({ text, bad });
  if (figures.failuresPerSecond > 0) tell(`${count(figures.failuresPerSecond)} requests a second fail → look at the log and at the disk.`, true);
  const free = schedules.filter(({ closed }) => !closed).reduce((total, { availableSeats, heldSeats }) => total + availableSeats + heldSeats, 0);
  if (schedules.length > 0 && schedules.every(({ closed }) => closed)) tell("The sale of every date is closed → open one under Dates.", true);
  else if (schedules.length > 0 && free === 0) tell("Everything is sold → drain the queues, then close them.");
  for (const queue of queues) tell(...ofQueue(queue, figures, queues.length > 1));
  for (const { key, given, inForce } of settingsNotInForce) {
    tell(`The configuration says ${key} = ${given}, the store has ${inForce}, and the store goes first: --force-settings at a start takes the configuration's.`);
  }
  return sentences;
}

function ofQueue({ queue, mode, waiting, active, activeLimit, admitPerSecond }, figures, named) {
  const name = named ? `Queue ${queue}: ` : "";
  const line = `${count(waiting)} wait`;
  if (mode === "PAUSED") return [`${name}paused, nobody is admitted, ${line}, ${count(active)} are inside → Open when it may go on.`, true];
  if (mode === "CLOSED") return [`${name}closed, nobody joins and nobody is admitted; ${line}.`, waiting > 0];
  if (mode === "DRAINING" && waiting === 0) return [`${name}drained, nobody waits → Close it.`];
  if (waiting === 0) return [`${name}nobody waits, ${count(active)} of ${count(activeLimit)} are inside. Nothing to do.`];
  const trend = figures.arrivalsPerSecond > figures.admittedPerSecond ? "the line grows" : "the line shortens";
  const latency = `latency ${milliseconds(figures.latencyP99Ms)}, commit ${milliseconds(figures.commitP99Ms)}`;
  const slow = figures.latencyP99Ms > LATENCY_MS_MAX || figures.commitP99Ms > COMMIT_MS_MAX;
  const full = active >= activeLimit * (1 - FREE_PART_MIN);
  if (slow) return [`${name}${line}, ${trend}, ${latency}: the server is at its limit → lower the active limit, or admit fewer a second.`, true];
  if (full) return [`${name}${line}, ${trend}, the inside is full, ${latency}: flat → raise the active limit.`];
  if (admitPerSecond !== null) return [`${name}${line}, ${trend}, the inside is not full: ${count(admitPerSecond)} a second are admitted, ${latency} → raise that while latency is flat.`];
  return [`${name}${line}, ${trend}, the inside fills up. Nothing to do.`];
}

const LEVERS = [
  ["the line grows and the inside is full", "raise the active limit, as long as latency and commit stay flat"],
  ["latency rises with everybody inside", "lower the active limit (nobody is evicted), or limit how many are admitted a second"],
  ["something is wrong with the sale", "Pause: places are kept, nobody is admitted, those inside go on. Say why in a message"],
  ["one date is wrong", "Close its sale: no new holds; who holds a seat can still pay"],
  ["a seat is held that must not be", "Release the hold"],
  ["the night ends", "Drain: nobody joins, those who wait are admitted. Then Close"],
];

export class Advice {
  constructor() {
    this.list = h("ul", { class: "advice" });
    this.region = h("div", { role: "status" }, this.list);
    const rows = LEVERS.map(([seen, done]) => h("tr", {}, h("th", { scope: "row" }, seen), h("td", {}, done)));
    this.element = h(
      "section",
      { "aria-label": "State" },
      this.region,
      h("details", { class: "quiet" }, h("summary", {}, "Which lever is for what"), h("table", {}, h("tbody", {}, rows)), h("p", {}, h("a", { href: "/docs", target: "_blank", rel: "noopener" }, "The admin API"))),
    );
  }

  show(now) {
    const sentences = advice(now);
    // Figures in it change every second; who listens to the page hears it again only when the advice itself is another.
    const gist = sentences.map(({ text }) => text.replace(/[\d.,]+( (µs|ms|s)\b)?/g, "#")).join("|");
    this.region.setAttribute("aria-live", gist === this.gist ? "off" : "polite");
    this.gist = gist;
    put(this.list, sentences.map(({ text, bad }) => h("li", { class: bad ? "bad" : "" }, text)));
  }
}
