// Campaigns of codes: what each opens and brings, how much of it is used, and the levers of that.

import { h, put } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact, time } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { field } from "./field.js";
import { read, typed } from "./times.js";

const LOOK_MS = 5_000;
/** What is sent in one call: the server takes some times as many. */
const AT_ONCE = 5_000;

export class Codes {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    this.said = announcer();
    this.body = h("tbody");
    /** @type {Wire.Campaign[]} */
    this.all = [];
    const number = (id, max) => h("input", { id, type: "number", min: "1", max: String(max), step: "1", inputmode: "numeric" });
    const moment = (id) => h("input", { id, type: "datetime-local", step: "1" });
    this.inputs = {
      campaign: h("input", { id: "campaign", autocomplete: "off", spellcheck: "false", required: true, maxlength: "64", pattern: "[a-z0-9_\\-]+" }),
      queue: h("select", { id: "campaign-queue" }),
      from: moment("campaign-from"),
      until: moment("campaign-until"),
      uses: number("campaign-uses", 10_000_000),
      tier: number("campaign-tier", 9),
      seats: number("campaign-seats", 1_000_000),
      required: h("input", { id: "campaign-required", type: "checkbox" }),
    };
    const fields = Object.entries(this.inputs).map(([name, input]) => field(t.codes.labels[name], input));
    const form = h("form", { class: "inline" }, fields, h("button", { type: "submit" }, t.codes.save));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.which = h("select", { id: "codes-of", required: true });
    this.codes = h("textarea", { id: "codes-added", rows: "4", autocomplete: "off", spellcheck: "false", required: true });
    const adding = h("form", { class: "inline" }, field(t.codes.of, this.which), field(t.codes.added, this.codes), h("button", { type: "submit" }, t.codes.add));
    adding.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(this.which.value, this.codes.value.split("\n").map((code) => code.trim()).filter(Boolean));
    });
    this.more = h("div", { hidden: true }, h("h3", {}, t.codes.addTitle), adding);
    this.table = h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "codes-title", hidden: true },
      h("table", {}, h("thead", {}, h("tr", {}, t.codes.head.map((name) => h("th", { scope: "col" }, name)))), this.body),
    );
    this.element = h(
      "section",
      { class: "panel codes", "aria-labelledby": "codes-title", hidden: true },
      h("h2", { id: "codes-title" }, t.codes.title),
      this.said.region,
      this.table,
      h("h3", {}, t.codes.saveTitle),
      form,
      this.more,
      h("p", { class: "quiet" }, t.codes.hint),
    );
    this.asked = -Infinity;
  }

  /** They are not in the figures of each second: who has a key for them looks now and then.
   * @param {Wire.OpsNow} now */
  async show({ queues }) {
    const names = queues.map(({ queue }) => queue);
    if (names.join() !== this.names) {
      this.names = names.join();
      const chosen = this.inputs.queue.value;
      put(this.inputs.queue, names.map((name) => h("option", { value: name }, name)));
      if (names.includes(chosen)) this.inputs.queue.value = chosen;
    }
    if (performance.now() - this.asked < LOOK_MS) return;
    this.asked = performance.now();
    try {
      this.list(await call("GET", "campaigns"));
      this.element.hidden = false;
    } catch (error) {
      // For whom they are not, there are none. What does not answer says so at the top of the page.
      if (error.status === 403) this.asked = Infinity;
    }
  }

  /** @param {Wire.Campaign[]} all */
  list(all) {
    this.all = all;
    this.table.hidden = this.more.hidden = all.length === 0;
    // A row is left alone while it stands, so that the button under a finger stays where it is.
    const text = JSON.stringify(all);
    if (text === this.text) return;
    this.text = text;
    const names = all.map(({ campaign }) => campaign);
    if (names.join() !== this.campaigns) {
      this.campaigns = names.join();
      const chosen = this.which.value;
      put(this.which, names.map((name) => h("option", { value: name }, name)));
      if (names.includes(chosen)) this.which.value = chosen;
    }
    put(this.body, all.map((one) => this.row(one)));
  }

  /** @param {Wire.Campaign} one */
  row(one) {
    const { campaign, queue, codes, held, spent, uses, stopped, keyKnown } = one;
    const lever = h("button", { type: "button", "aria-label": stopped ? t.codes.goOnOf(campaign) : t.codes.stopOf(campaign) }, stopped ? t.codes.goOn : t.codes.stop);
    lever.addEventListener("click", () => this.turn(one));
    const change = h("button", { type: "button", "aria-label": t.codes.changeOf(campaign) }, t.codes.change);
    change.addEventListener("click", () => this.fill(one));
    const state = stopped ? t.codes.stopped : !keyKnown && t.codes.keyLost;
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, h("bdi", {}, campaign), state && h("strong", { class: "bad" }, ` · ${state}`)),
      h("td", {}, h("bdi", {}, queue)),
      h("td", {}, span(one)),
      h("td", {}, brings(one)),
      h("td", { class: "number" }, uses === 1 ? exact(codes) : t.codes.times(exact(codes), exact(uses))),
      h("td", { class: "number" }, exact(held)),
      h("td", { class: "number" }, exact(spent)),
      h("td", {}, change, " ", lever),
    );
  }

  /** Puts a campaign into the fields.
   * @param {Wire.Campaign} one */
  fill({ campaign, queue, from, until, uses, tier, seats, required }) {
    const { inputs } = this;
    inputs.campaign.value = campaign;
    inputs.queue.value = queue;
    inputs.from.value = typed(from);
    inputs.until.value = typed(until);
    inputs.uses.value = String(uses);
    inputs.tier.value = tier === null ? "" : String(tier);
    inputs.seats.value = seats === null ? "" : String(seats);
    inputs.required.checked = required;
    inputs.campaign.focus();
  }

  /** Makes a campaign, or changes what is other than it was. */
  async save() {
    const { inputs } = this;
    const campaign = inputs.campaign.value.trim();
    const before = this.all.find((one) => one.campaign === campaign);
    const was = before ?? { queue: "", from: null, until: null, uses: 0, tier: null, seats: null, required: false };
    const count = (/** @type {HTMLInputElement} */ input) => (input.value === "" ? null : Number(input.value));
    const instant = (/** @type {HTMLInputElement} */ input, /** @type {string | null} */ at) => (input.value === typed(at) ? at : read(input.value));
    const wanted = {
      queue: inputs.queue.value,
      from: instant(inputs.from, was.from),
      until: instant(inputs.until, was.until),
      uses: count(inputs.uses) ?? 1,
      tier: count(inputs.tier),
      seats: count(inputs.seats),
      required: inputs.required.checked,
    };
    const moved = Object.keys(wanted).filter((name) => wanted[name] !== was[name]);
    if (before && moved.length === 0) return this.said.tell(t.levers.same);
    const done = await confirmed({
      title: before ? t.codes.changeAsk(campaign) : t.codes.makeAsk(campaign),
      text: wanted.required ? t.codes.requiredMeans : t.codes.means,
      changes: moved.map((name) => [t.codes.labels[name], before ? shown(was[name]) : "", shown(wanted[name])]),
      verb: before ? t.codes.changeVerb : t.codes.makeVerb,
      act: () => call("PATCH", `campaigns/${campaign}`, Object.fromEntries(moved.map((name) => [name, wanted[name]]))),
    });
    if (done) await this.done(before ? t.codes.changed(campaign) : t.codes.made(campaign));
  }

  /** @param {Wire.Campaign} one */
  async turn({ campaign, stopped }) {
    const done = await confirmed({
      title: stopped ? t.codes.goOnAsk(campaign) : t.codes.stopAsk(campaign),
      text: stopped ? t.codes.goOnMeans : t.codes.stopMeans,
      verb: stopped ? t.codes.goOnVerb : t.codes.stopVerb,
      grave: !stopped,
      act: () => call("PATCH", `campaigns/${campaign}`, { stopped: !stopped }),
    });
    if (done) await this.done(stopped ? t.codes.goesOn(campaign) : t.codes.isStopped(campaign));
  }

  /**
   * @param {string} campaign
   * @param {string[]} codes
   */
  async add(campaign, codes) {
    if (codes.length === 0) return;
    let added = 0;
    const done = await confirmed({
      title: t.codes.addAsk(exact(codes.length), campaign),
      text: t.codes.addMeans,
      verb: t.codes.addVerb,
      act: async () => {
        // Behind those that it has by now; and where a piece was sent before, from there on.
        const all = await call("GET", "campaigns");
        const first = all.find((one) => one.campaign === campaign).codes + 1;
        const rest = codes.slice(added);
        for (let at = 0; at < rest.length; at += AT_ONCE) {
          const piece = rest.slice(at, at + AT_ONCE);
          await call("POST", `campaigns/${campaign}/codes`, { first: first + at, codes: piece });
          added += piece.length;
        }
      },
    });
    if (!done) return;
    this.codes.value = "";
    await this.done(t.codes.wereAdded(exact(codes.length), campaign));
  }

  /** @param {string} words */
  async done(words) {
    this.said.tell(words);
    this.asked = -Infinity;
    await this.moved();
  }
}

/** When people join with its codes.
 * @param {Wire.Campaign} one */
const span = ({ from, until }) => (from || until ? `${from ? time(from) : ""} – ${until ? time(until) : ""}` : t.codes.always);

/** What its codes bring.
 * @param {Wire.Campaign} one */
const brings = ({ tier, seats, required }) =>
  [tier !== null && t.codes.tier(tier), seats !== null && t.codes.seats(exact(seats)), required && t.codes.required].filter(Boolean).join(", ");

/** @param {string | number | boolean | null} value */
function shown(value) {
  if (value === null) return t.levers.none;
  if (typeof value === "boolean") return value ? t.codes.yes : t.codes.no;
  if (typeof value === "number") return exact(value);
  return /^\d{4}-.*Z$/.test(value) ? time(value) : value;
}
