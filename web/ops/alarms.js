// What somebody must be called for, and the sound that calls them.

import { count, milliseconds } from "./format.js";
import { t } from "./language.js";

/** From here on latency is felt, and one more inside makes it worse. */
const LATENCY_MS_MAX = 250;
const COMMIT_MS_MAX = 100;
/** So far behind the tables are of no use for a report of the night. */
const BEHIND_ENTRIES_MAX = 10_000;
/** It lasts so many looks before anybody is called: a second of it is no alarm. */
const LOOKS = 5;
/** While it lasts, it is heard again. */
const AGAIN_MS = 60_000;

/** Whether the server is at its limit.
 * @param {Wire.OpsNow["figures"]} figures */
export const isSlow = ({ latencyP99Ms, commitP99Ms }) => latencyP99Ms > LATENCY_MS_MAX || commitP99Ms > COMMIT_MS_MAX;

/** What is wrong with the state `now`, each `[what, words]`; `what` stays the same while figures change.
 * @param {Wire.OpsNow} now
 * @returns {Alarm[]} */
export function wrong({ figures, refusals, nodes }) {
  const full = refusals.filter(({ status }) => status === 503).reduce((sum, { perSecond }) => sum + perSecond, 0);
  const failing = refusals.filter(({ status }) => status >= 500 && status !== 503).reduce((sum, { perSecond }) => sum + perSecond, 0);
  const words = t.alarms;
  const found = [
    ...nodes.flatMap(({ name, counted, ready, journalFull }) => {
      if (!counted) return [[`silent ${name}`, words.nodeSilent(name)]];
      if (journalFull) return [[`full ${name}`, words.full(name)]];
      return ready ? [] : [[`node ${name}`, words.node(name)]];
    }),
    failing > 0 && ["failing", words.failing(count(failing))],
    full > 0 && ["refusing", words.refusing(count(full))],
    isSlow(figures) && ["slow", words.slow(milliseconds(figures.latencyP99Ms), milliseconds(figures.commitP99Ms))],
    figures.projectionLag > BEHIND_ENTRIES_MAX && ["behind", words.behind(count(figures.projectionLag))],
  ];
  return /** @type {Alarm[]} */ (found.filter(Boolean));
}

/** Which of it has lasted, and when it is to be heard. */
export class Alarms {
  /** @param {() => void} ring */
  constructor(ring) {
    this.ring = ring;
    /** @type {Map<string, number>} */
    this.looks = new Map();
    /** @type {Map<string, number>} */
    this.heardAt = new Map();
  }

  /** Takes what one look found; what has lasted comes back.
   * @param {Alarm[]} found */
  look(found, at = Date.now()) {
    const names = new Set(found.map(([what]) => what));
    for (const what of this.looks.keys()) {
      if (!names.has(what)) [this.looks, this.heardAt].forEach((map) => map.delete(what));
    }
    for (const what of names) this.looks.set(what, (this.looks.get(what) ?? 0) + 1);
    const lasting = found.filter(([what]) => this.looks.get(what) >= LOOKS);
    const due = lasting.filter(([what]) => at - (this.heardAt.get(what) ?? -Infinity) >= AGAIN_MS);
    for (const [what] of due) this.heardAt.set(what, at);
    if (due.length > 0) this.ring();
    return lasting;
  }
}

/** Two tones, twice: it is heard over a room, and not taken for a message. */
const TONES = [[880, 0], [660, 0.22], [880, 0.55], [660, 0.77]];
const TONE_S = 0.18;

/** Off until somebody switches it on: a browser plays nothing before a click. */
export class Bell {
  isOn = false;
  /** @type {AudioContext | undefined} */
  context;

  switch(on) {
    if (on) {
      this.context ??= new AudioContext();
      this.context.resume();
      this.isOn = true;
      // Heard at once, so that whoever relies on it knows that the loudspeaker is on.
      this.ring();
    } else {
      this.isOn = false;
    }
  }

  ring() {
    if (!this.isOn) return;
    const start = this.context.currentTime;
    for (const [hertz, after] of TONES) {
      const [tone, level] = [this.context.createOscillator(), this.context.createGain()];
      tone.frequency.value = hertz;
      level.gain.value = 0.2;
      tone.connect(level).connect(this.context.destination);
      tone.start(start + after);
      tone.stop(start + after + TONE_S);
    }
  }
}
