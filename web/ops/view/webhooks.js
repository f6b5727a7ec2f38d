// Who is sent what happened, how far each has got, what was tried, and the levers of that.

import { h, put } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact, seconds, time } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { Attempts } from "./attempts.js";
import { field } from "./field.js";

const LOOK_MS = 5_000;

export class Webhooks {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    this.said = announcer();
    this.attempts = new Attempts({
      moved: () => {
        this.asked = -Infinity;
        return moved();
      },
    });
    this.body = h("tbody");
    this.which = h("select", { id: "webhook" });
    this.from = h("input", { id: "webhook-from", autocomplete: "off", spellcheck: "false", required: true, maxlength: "64" });
    const form = h("form", { class: "inline" }, field(t.webhooks.which, this.which), field(t.webhooks.from, this.from), h("button", { type: "submit" }, t.webhooks.again));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendFrom(Number(this.which.value), this.from.value.trim());
    });
    this.element = h(
      "section",
      { class: "panel webhooks", "aria-labelledby": "webhooks-title", hidden: true },
      h("h2", { id: "webhooks-title" }, t.webhooks.title),
      this.said.region,
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "webhooks-title" },
        h("table", {}, h("thead", {}, h("tr", {}, t.webhooks.head.map((name) => h("th", { scope: "col" }, name)))), this.body),
      ),
      form,
      this.attempts.element,
      h("p", { class: "quiet" }, t.webhooks.hint),
    );
    this.asked = -Infinity;
  }

  /** They are not in the figures of each second: who has a key for them looks now and then. */
  async show() {
    if (performance.now() - this.asked < LOOK_MS) return;
    this.asked = performance.now();
    try {
      this.list(await call("GET", "webhooks"));
      await this.attempts.look();
    } catch (error) {
      // For whom they are not, and below their level, there are none. What does not answer says so at the top of the page.
      if (error.status === 403 || error.status === 409) this.asked = Infinity;
    }
  }

  /** @param {Wire.Webhook[]} all */
  list(all) {
    this.element.hidden = all.length === 0;
    // A row is left alone while it stands, so that the button under a finger stays where it is.
    const text = JSON.stringify(all);
    if (text === this.text) return;
    this.text = text;
    const ids = all.map(({ id }) => String(id)).join();
    if (ids !== this.ids) {
      this.ids = ids;
      put(this.which, all.map((one) => h("option", { value: String(one.id) }, `${one.id} · ${host(one)}`)));
    }
    put(this.body, all.map((one) => this.row(one)));
  }

  /** @param {Wire.Webhook} one */
  row(one) {
    const { id, state, why, lagSeconds, failures, nextAttemptAt, attempts } = one;
    const last = attempts[0];
    const isOn = state === "ON";
    const lever = h("button", { type: "button", "aria-label": isOn ? t.webhooks.pauseOf(id) : t.webhooks.goOnOf(id) }, isOn ? t.webhooks.pause : t.webhooks.goOn);
    lever.addEventListener("click", () => this.turn(one, !isOn));
    const log = h("button", { type: "button", "aria-label": t.webhooks.attemptsOf(id) }, t.webhooks.attempts);
    log.addEventListener("click", () => this.attempts.open(id));
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, `${id} · `, h("bdi", {}, host(one))),
      h("td", { class: isOn ? "" : "bad" }, t.webhooks.states[state], why && ` · ${t.webhooks.whys[why]}`),
      h("td", { class: "number" }, seconds(lagSeconds)),
      h("td", { class: "number" }, exact(failures)),
      h("td", {}, last ? `${time(last.at)} · ${last.status ?? last.error}` : ""),
      h("td", { class: "number" }, nextAttemptAt ? time(nextAttemptAt) : ""),
      h("td", {}, log, " ", lever),
    );
  }

  /**
   * @param {Wire.Webhook} one
   * @param {boolean} on
   */
  async turn(one, on) {
    const { id } = one;
    const done = await confirmed({
      title: on ? t.webhooks.goOnAsk(id) : t.webhooks.pauseAsk(id),
      text: on ? t.webhooks.goOnMeans(host(one)) : t.webhooks.pauseMeans(host(one)),
      verb: on ? t.webhooks.goOnVerb : t.webhooks.pauseVerb,
      grave: !on,
      act: () => call("PATCH", `webhooks/${id}`, { state: on ? "ON" : "PAUSED" }),
    });
    if (done) await this.done(on ? t.webhooks.goesOn(id) : t.webhooks.paused(id));
  }

  /**
   * @param {number} id
   * @param {string} from
   */
  async sendFrom(id, from) {
    const done = await confirmed({
      title: t.webhooks.fromAsk(id),
      text: t.webhooks.fromMeans(from),
      verb: t.webhooks.fromVerb,
      grave: true,
      act: () => call("PATCH", `webhooks/${id}`, { from }),
    });
    if (!done) return;
    this.from.value = "";
    await this.done(t.webhooks.sentFrom(id, from));
  }

  /** @param {string} words */
  async done(words) {
    this.said.tell(words);
    this.asked = -Infinity;
    await this.moved();
  }
}

/** @param {Wire.Webhook} one */
const host = ({ url }) => new URL(url).host;
