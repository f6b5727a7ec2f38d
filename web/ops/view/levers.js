// The levers: of each queue, of everybody who waits, and of one hold.

import { h, put, say } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { count, exact, seconds } from "../format.js";
import { t } from "../language.js";
import { release } from "../release.js";
import { call } from "../session.js";
import { field } from "./field.js";
import { Times } from "./times.js";

/** What the server takes for a count. */
const COUNT_MAX = 4_294_967_295;

const MODES = ["OPEN", "PAUSED", "DRAINING", "CLOSED"];

export class Levers {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    /** @type {Map<string, QueueCard>} */
    this.queues = new Map();
    this.said = announcer();
    this.list = h("div", { class: "queues" });
    this.choice = h("select", { id: "whom" });
    this.element = h(
      "section",
      { class: "panel", "aria-labelledby": "levers-title" },
      h("h2", { id: "levers-title" }, t.levers.title),
      this.said.region,
      this.message(),
      this.list,
      this.release(),
    );
  }

  /**
   * @param {Question} asked
   * @param {string | (() => string)} words
   */
  async done(asked, words) {
    const done = await confirmed(asked);
    if (done) {
      this.said.tell(typeof words === "function" ? words() : words);
      await this.moved();
    }
    return done;
  }

  /** @param {Wire.OpsNow} now */
  show({ queues }) {
    for (const queue of queues) {
      if (!this.queues.has(queue.queue)) {
        const card = new QueueCard(this, queue.queue);
        this.queues.set(queue.queue, card);
        this.list.append(card.element);
        this.choose();
      }
      this.queues.get(queue.queue).show(queue);
    }
  }

  choose() {
    const chosen = this.choice.value;
    const names = [...this.queues.keys()];
    put(this.choice, h("option", { value: "" }, t.levers.everybody), names.map((name) => h("option", { value: name }, t.levers.queue(name))));
    this.choice.value = chosen;
  }

  message() {
    const english = h("textarea", { id: "en", rows: "2", maxlength: "500" });
    const korean = h("textarea", { id: "ko", rows: "2", maxlength: "500", lang: "ko" });
    const form = h(
      "form",
      { class: "lever" },
      h("div", { class: "fields" }, field(t.levers.whom, this.choice), field("English", english), field("한국어", korean)),
      h("button", { type: "submit" }, t.levers.send),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = Object.fromEntries([["en", english.value.trim()], ["ko", korean.value.trim()]].filter(([, words]) => words));
      if (Object.keys(text).length === 0) {
        this.said.tell(t.levers.nothing);
        english.focus();
        return;
      }
      const queue = this.choice.value;
      const whom = queue ? t.levers.queue(queue) : t.levers.everybody;
      this.done(
        {
          title: t.levers.tell(whom),
          text: Object.values(text).join(" / "),
          verb: t.levers.sendVerb,
          act: async () => {
            await call("POST", "messages", queue ? { queue, text } : { text });
            form.reset();
          },
        },
        t.levers.told(whom),
      );
    });
    // One line on a phone, where the queues come first in a hurry.
    const open = matchMedia("(min-width: 40rem)").matches;
    return h("details", { class: "message", open }, h("summary", {}, t.levers.message), form);
  }

  release() {
    const id = h("input", { id: "hold", inputmode: "numeric", pattern: "[0-9]+", required: true });
    const form = h(
      "form",
      { class: "lever" },
      h("h3", {}, t.holds.form),
      h("div", { class: "fields" }, field(t.holds.reservation, id)),
      h("button", { type: "submit" }, t.holds.release),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reservation = id.value.trim();
      let recorded = false;
      this.done(
        {
          title: t.holds.ask(reservation),
          text: t.holds.means,
          verb: t.holds.verb,
          grave: true,
          reason: true,
          act: async (reason) => {
            recorded = await release(reservation, reason);
          },
        },
        () => t.holds.done(reservation, recorded),
      );
    });
    return form;
  }
}

class QueueCard {
  /**
   * @param {Levers} levers
   * @param {string} name
   */
  constructor(levers, name) {
    this.levers = levers;
    this.name = name;
    this.state = h("p", { class: "quiet" });
    this.modes = MODES.map((mode) => {
      const button = h("button", { type: "button", "aria-pressed": "false" }, t.levers.modes[mode][0]);
      button.addEventListener("click", () => this.setMode(mode));
      return button;
    });
    this.limit = h("input", { id: `limit-${name}`, inputmode: "numeric", pattern: "[0-9]+", required: true });
    this.rate = h("input", { id: `rate-${name}`, inputmode: "numeric", pattern: "[0-9]*", placeholder: t.levers.noLimit });
    this.idle = h("input", { id: `idle-${name}`, placeholder: t.levers.never });
    this.network = h("input", { id: `network-${name}`, inputmode: "numeric", pattern: "[0-9]*", placeholder: t.levers.none });
    this.work = h("input", { id: `work-${name}`, inputmode: "numeric", pattern: "[0-9]*", placeholder: t.levers.none });
    this.longest = h("input", { id: `longest-${name}`, placeholder: t.levers.never });
    const form = h(
      "form",
      { class: "inline" },
      field(t.levers.limit, this.limit),
      field(t.levers.rate, this.rate),
      field(t.levers.idle, this.idle),
      field(t.levers.work, this.work),
      field(t.levers.network, this.network),
      field(t.levers.longest, this.longest),
      h("button", { type: "submit" }, t.levers.change),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.setLimits();
    });
    this.silent = h("button", { type: "button", hidden: true });
    this.silent.addEventListener("click", () => this.letSilentGo());
    this.phase = h("p", { "data-test": "phase", hidden: true });
    this.times = new Times(name, ["prequeueAt", "opensAt", "closesAt"], {
      name: t.levers.queue(name),
      means: t.times.queueMeans,
      patch: (change) => this.patch(change),
      done: (asked) => this.levers.done(asked, t.levers.changed(this.name)),
    });
    this.order = h("button", { type: "button" });
    this.order.addEventListener("click", () => this.setOrder());
    this.drawn = h("p", { class: "quiet commitment", "data-test": "draw" });
    this.surplus = h("p", { class: "quiet", "data-test": "surplus", hidden: true });
    this.tiers = h("p", { class: "quiet", "data-test": "tiers", hidden: true });
    this.element = h(
      "section",
      { class: "lever", "aria-label": t.levers.card(name) },
      h("h3", {}, t.levers.card(name)),
      this.state,
      this.phase,
      h("div", { class: "segments", role: "group", "aria-label": t.levers.modeOf(name) }, this.modes),
      form,
      this.times.element,
      h("div", { class: "row" }, this.order, this.drawn),
      this.tiers,
      this.surplus,
      this.silent,
    );
  }

  /** @param {Wire.QueueState} queue */
  show(queue) {
    const first = !this.queue;
    const { activeLimit, admitPerSecond, sessionIdle, proofBits, sessionMax, networkPlaces } = this.queue ?? queue;
    this.queue = queue;
    const wait = queue.estimatedWaitSeconds === null ? t.levers.nobodyAdmitted : t.levers.newcomer(seconds(queue.estimatedWaitSeconds));
    say(this.state, t.levers.state(t.levers.states[queue.mode], count(queue.waiting), count(queue.active), count(queue.activeLimit), wait));
    this.modes.forEach((button, i) => button.setAttribute("aria-pressed", String(MODES[i] === queue.mode)));
    const { prequeueAt, opensAt, closesAt } = queue;
    this.phase.hidden = !(prequeueAt || opensAt || closesAt);
    say(this.phase, t.times.phases[queue.phase]);
    this.times.show([prequeueAt, opensAt, closesAt]);
    say(this.order, t.draw.lever[queue.order]);
    say(this.drawn, queue.order === "draw" ? t.draw.says(queue.drawn, queue.drawCommitment) : "");
    this.tiers.hidden = queue.waitingByTier.length === 0;
    say(this.tiers, t.levers.tiers(queue.waitingByTier.map(({ tier, waiting }) => t.levers.tier(tier, count(waiting))).join(", ")));
    this.surplus.hidden = queue.waitingSurplus === 0;
    say(this.surplus, t.levers.surplus(count(queue.waitingSurplus)));
    this.silent.hidden = queue.silent === 0;
    say(this.silent, t.levers.letGo(count(queue.silent)));
    // What somebody is writing stays; what stands as it was follows the queue.
    if (first || this.limit.value === String(activeLimit)) this.limit.value = String(queue.activeLimit);
    if (first || this.rate.value === String(admitPerSecond ?? "")) this.rate.value = String(queue.admitPerSecond ?? "");
    if (first || this.idle.value === orNever(sessionIdle)) this.idle.value = orNever(queue.sessionIdle);
    if (first || this.work.value === orNone(proofBits)) this.work.value = orNone(queue.proofBits);
    if (first || this.network.value === orNone(networkPlaces)) this.network.value = orNone(queue.networkPlaces);
    if (first || this.longest.value === orNever(sessionMax)) this.longest.value = orNever(queue.sessionMax);
  }

  setMode(mode) {
    const [verb, meaning] = t.levers.modes[mode];
    if (mode === this.queue.mode) return;
    this.levers.done(
      {
        title: t.levers.modeAsk(verb, this.name),
        text: meaning,
        changes: [[t.levers.mode, t.levers.states[this.queue.mode], t.levers.states[mode]]],
        verb,
        grave: mode === "CLOSED",
        act: () => this.patch({ mode }),
      },
      t.levers.modeDone(this.name, t.levers.states[mode]),
    );
  }

  /** To the other of the two. */
  setOrder() {
    const { order } = this.queue;
    const other = order === "draw" ? "fifo" : "draw";
    this.levers.done(
      {
        title: t.draw.ask(this.name),
        text: t.draw.means,
        changes: [[t.draw.row, t.draw.orders[order], t.draw.orders[other]]],
        verb: t.draw.verb,
        act: () => this.patch({ order: other }),
      },
      t.levers.changed(this.name),
    );
  }

  letSilentGo() {
    const { silent, active, waitingTtl } = this.queue;
    /** @type {Wire.Gone} */
    let gone;
    this.levers.done(
      {
        title: t.levers.letGoAsk(this.name),
        text: t.levers.letGoMeans(waitingTtl),
        changes: [[t.levers.letGoRow, exact(active), exact(active - silent)]],
        verb: t.levers.letGoVerb,
        grave: true,
        act: async () => {
          gone = await call("POST", `queues/${this.name}/let-go`, {});
        },
      },
      () => t.levers.gone(exact(gone.letGo), exact(gone.holding)),
    );
  }

  setLimits() {
    /** @type {[name: string, input: HTMLInputElement, optional: boolean][]} */
    const fields = [[t.levers.limit, this.limit, false], [t.levers.rate, this.rate, true]];
    const wrong = fields.find(
      ([, input, optional]) => !isCount(input.value.trim()) && !(optional && input.value.trim() === ""),
    );
    if (wrong) {
      const [name, input] = wrong;
      this.levers.said.tell(t.levers.wrong(name, exact(COUNT_MAX), input.value.trim()));
      input.focus();
      return;
    }
    const { activeLimit, admitPerSecond, sessionIdle, proofBits, sessionMax, networkPlaces } = this.queue;
    const change = {};
    const changes = [];
    if (this.limit.value.trim() !== String(activeLimit)) {
      change.activeLimit = Number(this.limit.value);
      changes.push([t.levers.limitRow, exact(activeLimit), exact(change.activeLimit)]);
    }
    if (this.rate.value.trim() !== String(admitPerSecond ?? "")) {
      change.admitPerSecond = this.rate.value.trim() === "" ? null : Number(this.rate.value);
      const words = (rate) => (rate === null ? t.levers.noLimit : exact(rate));
      changes.push([t.levers.rateRow, words(admitPerSecond), words(change.admitPerSecond)]);
    }
    const idle = this.idle.value.trim();
    if (idle !== orNever(sessionIdle)) {
      change.sessionIdle = idle || NEVER;
      changes.push([t.levers.idleRow, orNever(sessionIdle) || t.levers.never, idle || t.levers.never]);
    }
    const work = this.work.value.trim();
    if (work !== orNone(proofBits)) {
      change.proofBits = Number(work);
      changes.push([t.levers.workRow, orNone(proofBits) || t.levers.none, work || t.levers.none]);
    }
    const network = this.network.value.trim();
    if (network !== orNone(networkPlaces)) {
      change.networkPlaces = Number(network);
      changes.push([t.levers.networkRow, orNone(networkPlaces) || t.levers.none, network || t.levers.none]);
    }
    const longest = this.longest.value.trim();
    if (longest !== orNever(sessionMax)) {
      change.sessionMax = longest || NEVER;
      changes.push([t.levers.longestRow, orNever(sessionMax) || t.levers.never, longest || t.levers.never]);
    }
    if (changes.length === 0) {
      this.levers.said.tell(t.levers.same);
      return;
    }
    this.levers.done(
      {
        title: t.levers.changeAsk(this.name),
        text: [
          change.sessionIdle && t.levers.idleMeans,
          change.proofBits !== undefined && t.levers.workMeans,
          change.networkPlaces !== undefined && t.levers.networkMeans,
          change.sessionMax && t.levers.longestMeans,
        ].filter(Boolean).join(" ") || t.levers.changeMeans,
        changes,
        verb: t.levers.changeVerb,
        act: async () => {
          const { sessionIdle, proofBits, sessionMax, networkPlaces } = await this.patch(change);
          this.network.value = orNone(networkPlaces);
          this.work.value = orNone(proofBits);
          // As the server writes it: 90s is 1m30s.
          this.idle.value = orNever(sessionIdle);
          this.longest.value = orNever(sessionMax);
        },
      },
      t.levers.changed(this.name),
    );
  }

  /** @param {Wire.QueueChange} change */
  patch(change) {
    return call("PATCH", `queues/${this.name}`, change);
  }
}

/** The time of idleness where nobody's slot is freed for that, and of sessions that do not become longer: an empty field. */
const NEVER = "0s";
const orNever = (idle) => (idle === NEVER ? "" : idle);

/** The work where none is asked for: likewise. */
const orNone = (bits) => (bits ? String(bits) : "");

const isCount = (text) => /^[0-9]{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= COUNT_MAX;
