// When something opens and closes by itself: set, put off and taken away. Times are typed and shown by the reader's own clock.

import { h, say } from "../../shared/dom.js";
import { time } from "../format.js";
import { t } from "../language.js";

/** A moment as a field of the browser has it: local, to the second.
 * @param {string | null} at */
export function typed(at) {
  if (!at) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** @param {string} value */
export const read = (value) => (value === "" ? null : new Date(value).toISOString());

/** @param {string | null} at */
const shown = (at) => (at ? time(at) : t.times.none);

export class Times {
  /**
   * @param {string} id told apart by it from others on the page
   * @param {string[]} names the fields of the API, in order
   * @param {{ name: string, means: string, patch: (change: Record<string, string | null>) => Promise<unknown>, done: (asked: Question) => Promise<boolean> }} on
   */
  constructor(id, names, on) {
    this.names = names;
    this.on = on;
    this.inputs = names.map((name) => h("input", { id: `${name}-${id}`, type: "datetime-local", step: "1" }));
    this.said = h("p", { class: "quiet", role: "status" });
    /** @type {(string | null)[]} */
    this.known = names.map(() => null);
    /** What was put into the fields, as the browser writes it. */
    this.put = names.map(() => "");
    const fields = names.map((name, i) =>
      h("div", { class: "field" }, h("label", { for: this.inputs[i].id }, t.times.labels[name]), this.inputs[i]),
    );
    const form = h("form", { class: "inline" }, fields, h("button", { type: "submit" }, t.times.set));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.set();
    });
    this.summary = h("summary", {}, t.times.title);
    this.element = h("details", { class: "times" }, this.summary, form, this.said);
  }

  /** What somebody is writing stays; what stands as it was follows the server.
   * @param {(string | null)[]} moments */
  show(moments) {
    moments.forEach((at, i) => {
      const input = this.inputs[i];
      if (input.value !== this.put[i] || at === this.known[i]) return;
      input.value = typed(at);
      this.put[i] = input.value;
    });
    this.known = moments;
    const set = this.names.filter((_, i) => moments[i]).map((name) => `${t.times.labels[name]} ${time(moments[this.names.indexOf(name)])}`);
    say(this.summary, set.length > 0 ? `${t.times.title}: ${set.join(", ")}` : t.times.title);
  }

  async set() {
    /** @type {Record<string, string | null>} */
    const change = {};
    /** @type {[string, string, string][]} */
    const changes = [];
    this.names.forEach((name, i) => {
      const { value } = this.inputs[i];
      if (value === this.put[i]) return;
      change[name] = read(value);
      changes.push([t.times.labels[name], shown(this.known[i]), shown(change[name])]);
    });
    if (changes.length === 0) return say(this.said, t.levers.same);
    say(this.said, "");
    const done = await this.on.done({
      title: t.times.ask(this.on.name),
      text: this.on.means,
      changes,
      verb: t.times.verb,
      act: () => this.on.patch(change),
    });
    // What was typed stands now, and follows the server again.
    if (done) this.put = this.inputs.map(({ value }) => value);
  }
}
