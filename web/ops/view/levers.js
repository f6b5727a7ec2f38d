// The levers: of each queue, of everybody who waits, and of one hold.

import { h, put, say } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { count, exact, seconds } from "../format.js";
import { Refused, call } from "../session.js";

/** What the server takes for a count. */
const COUNT_MAX = 4_294_967_295;

const MODES = [
  ["OPEN", "Open", "People may join and are admitted."],
  ["PAUSED", "Pause", "People may join; nobody is admitted. Places are kept."],
  ["DRAINING", "Drain", "Nobody may join; those who wait are admitted."],
  ["CLOSED", "Close", "Nobody may join, and nobody is admitted."],
];

export class Levers {
  constructor({ moved }) {
    this.moved = moved;
    this.queues = new Map();
    this.said = announcer();
    this.list = h("div", { class: "queues" });
    this.choice = h("select", { id: "whom" });
    this.element = h(
      "section",
      { class: "panel", "aria-labelledby": "levers-title" },
      h("h2", { id: "levers-title" }, "Levers"),
      this.said.region,
      this.message(),
      this.list,
      this.release(),
    );
  }

  async done(asked, words) {
    if (await confirmed(asked)) {
      this.said.tell(words);
      await this.moved();
    }
  }

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
    put(this.choice, h("option", { value: "" }, "everybody"), names.map((name) => h("option", { value: name }, `queue ${name}`)));
    this.choice.value = chosen;
  }

  message() {
    const english = h("textarea", { id: "en", rows: "2", maxlength: "500" });
    const korean = h("textarea", { id: "ko", rows: "2", maxlength: "500", lang: "ko" });
    const form = h(
      "form",
      { class: "lever" },
      h("div", { class: "fields" }, field("Whom", this.choice), field("English", english), field("한국어", korean)),
      h("button", { type: "submit" }, "Send…"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = Object.fromEntries([["en", english.value.trim()], ["ko", korean.value.trim()]].filter(([, words]) => words));
      if (Object.keys(text).length === 0) {
        this.said.tell("There is nothing to say yet: write English, Korean or both.");
        english.focus();
        return;
      }
      const queue = this.choice.value;
      const whom = queue ? `queue ${queue}` : "everybody";
      this.done(
        {
          title: `Tell ${whom}?`,
          text: Object.values(text).join(" / "),
          verb: "Send",
          act: async () => {
            await call("POST", "messages", queue ? { queue, text } : { text });
            form.reset();
          },
        },
        `Told ${whom}.`,
      );
    });
    // One line on a phone, where the queues come first in a hurry.
    const open = matchMedia("(min-width: 40rem)").matches;
    return h("details", { class: "message", open }, h("summary", {}, "Message to those who wait"), form);
  }

  release() {
    const id = h("input", { id: "hold", inputmode: "numeric", pattern: "[0-9]+", required: true });
    const form = h(
      "form",
      { class: "lever" },
      h("h3", {}, "Release a hold"),
      h("div", { class: "fields" }, field("Reservation", id)),
      h("button", { type: "submit" }, "Release…"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const reservation = id.value.trim();
      this.done(
        {
          title: `Release reservation ${reservation}?`,
          text: "Its seats are free at once. What is paid cannot be released.",
          verb: "Release",
          grave: true,
          act: () => release(reservation),
        },
        `Reservation ${reservation} is released.`,
      );
    });
    return form;
  }
}

class QueueCard {
  constructor(levers, name) {
    this.levers = levers;
    this.name = name;
    this.state = h("p", { class: "quiet" });
    this.modes = MODES.map(([mode, verb]) => {
      const button = h("button", { type: "button", "aria-pressed": "false" }, verb);
      button.addEventListener("click", () => this.setMode(mode));
      return button;
    });
    this.limit = h("input", { id: `limit-${name}`, inputmode: "numeric", pattern: "[0-9]+", required: true });
    this.rate = h("input", { id: `rate-${name}`, inputmode: "numeric", pattern: "[0-9]*", placeholder: "no limit" });
    const form = h(
      "form",
      { class: "inline" },
      field("Active limit", this.limit),
      field("Admitted a second", this.rate),
      h("button", { type: "submit" }, "Change…"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.setLimits();
    });
    this.element = h(
      "section",
      { class: "lever", "aria-label": `Queue ${name}` },
      h("h3", {}, `Queue ${name}`),
      this.state,
      h("div", { class: "segments", role: "group", "aria-label": `Mode of queue ${name}` }, this.modes),
      form,
    );
  }

  show(queue) {
    const first = !this.queue;
    const { activeLimit, admitPerSecond } = this.queue ?? queue;
    this.queue = queue;
    const wait = queue.estimatedWaitSeconds === null ? "nobody is admitted" : `${seconds(queue.estimatedWaitSeconds)} for who joins now`;
    say(this.state, `${queue.mode}: ${count(queue.waiting)} wait, ${count(queue.active)} of ${count(queue.activeLimit)} inside, ${wait}.`);
    this.modes.forEach((button, i) => button.setAttribute("aria-pressed", String(MODES[i][0] === queue.mode)));
    // What somebody is writing stays; what stands as it was follows the queue.
    if (first || this.limit.value === String(activeLimit)) this.limit.value = String(queue.activeLimit);
    if (first || this.rate.value === String(admitPerSecond ?? "")) this.rate.value = String(queue.admitPerSecond ?? "");
  }

  setMode(mode) {
    const [, verb, meaning] = MODES.find(([name]) => name === mode);
    if (mode === this.queue.mode) return;
    this.levers.done(
      {
        title: `${verb} queue ${this.name}?`,
        text: meaning,
        changes: [["mode", this.queue.mode, mode]],
        verb,
        grave: mode === "CLOSED",
        act: () => this.patch({ mode }),
      },
      `Queue ${this.name} is ${mode}.`,
    );
  }

  setLimits() {
    const wrong = [["Active limit", this.limit, false], ["Admitted a second", this.rate, true]].find(
      ([, input, optional]) => !isCount(input.value.trim()) && !(optional && input.value.trim() === ""),
    );
    if (wrong) {
      const [name, input] = wrong;
      this.levers.said.tell(`${name} must be a whole number from 1 to ${exact(COUNT_MAX)}, but is "${input.value.trim()}".`);
      input.focus();
      return;
    }
    const { activeLimit, admitPerSecond } = this.queue;
    const change = {};
    const changes = [];
    if (this.limit.value.trim() !== String(activeLimit)) {
      change.activeLimit = Number(this.limit.value);
      changes.push(["active limit", exact(activeLimit), exact(change.activeLimit)]);
    }
    if (this.rate.value.trim() !== String(admitPerSecond ?? "")) {
      change.admitPerSecond = this.rate.value.trim() === "" ? null : Number(this.rate.value);
      const words = (rate) => (rate === null ? "no limit" : exact(rate));
      changes.push(["admitted a second", words(admitPerSecond), words(change.admitPerSecond)]);
    }
    if (changes.length === 0) {
      this.levers.said.tell("Nothing differs from what is in force.");
      return;
    }
    this.levers.done(
      { title: `Change queue ${this.name}?`, text: "Lowering the limit evicts nobody.", changes, verb: "Change", act: () => this.patch(change) },
      `Queue ${this.name} is changed.`,
    );
  }

  patch(change) {
    return call("PATCH", `queues/${this.name}`, change);
  }
}

const isCount = (text) => /^[0-9]{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= COUNT_MAX;

/** The API's own words are for buyers: where one finds one's reservations. */
async function release(reservation) {
  try {
    await call("POST", `reservations/${encodeURIComponent(reservation)}/release`);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    throw new Error(`There is no hold with the number ${reservation}. Those that there are stand under Dates, at Show.`);
  }
}

function field(label, input) {
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input);
}
