// What was tried last for one webhook and what came of it, and one event sent once more.

import { h, put } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact, time } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { field } from "./field.js";

export class Attempts {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    this.said = announcer();
    this.title = h("h3", { id: "attempts-title", tabindex: "-1" });
    this.body = h("tbody");
    this.event = h("input", { id: "attempts-event", autocomplete: "off", spellcheck: "false", required: true, maxlength: "64" });
    const form = h("form", { class: "inline" }, field(t.webhooks.event, this.event), h("button", { type: "submit" }, t.webhooks.send));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.event.value.trim());
    });
    const close = h("button", { type: "button" }, t.webhooks.close);
    close.addEventListener("click", () => this.close());
    this.element = h(
      "section",
      { "aria-labelledby": "attempts-title", hidden: true },
      this.title,
      this.said.region,
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "attempts-title" },
        h("table", {}, h("thead", {}, h("tr", {}, t.webhooks.attemptsHead.map((name) => h("th", { scope: "col" }, name)))), this.body),
      ),
      form,
      close,
    );
    /** Of which webhook. @type {number | null} */
    this.id = null;
  }

  /** @param {number} id */
  async open(id) {
    this.id = id;
    this.text = undefined;
    this.said.tell("");
    put(this.title, t.webhooks.attemptsOf(id));
    put(this.body);
    this.element.hidden = false;
    await this.look();
    this.title.focus();
  }

  close() {
    this.id = null;
    this.element.hidden = true;
  }

  /** As it is now; where the webhook is gone, there is nothing to look at. */
  async look() {
    const id = this.id;
    if (id === null) return;
    try {
      const one = await call("GET", `webhooks/${id}`);
      if (this.id === id) this.list(one.attempts);
    } catch (error) {
      if (error.status === 404) this.close();
    }
  }

  /** @param {Wire.WebhookAttempt[]} attempts */
  list(attempts) {
    // A row is left alone while it stands, so that the button under a finger stays where it is.
    const text = JSON.stringify(attempts);
    if (text === this.text) return;
    this.text = text;
    put(this.body, attempts.length ? attempts.map((one) => this.row(one)) : h("tr", {}, h("td", { colspan: "6" }, t.webhooks.untried)));
  }

  /** @param {Wire.WebhookAttempt} one */
  row({ id, at, number, again, status, error, nextAt }) {
    const isTaken = status !== null && status >= 200 && status < 300;
    const lever = h("button", { type: "button", "aria-label": t.webhooks.sendOf(id) }, t.webhooks.send);
    lever.addEventListener("click", () => this.send(id));
    return h(
      "tr",
      {},
      h("td", { class: "number" }, time(at)),
      h("th", { scope: "row" }, h("bdi", {}, id)),
      h("td", { class: "number" }, again ? t.webhooks.byHand : exact(number)),
      h("td", { class: isTaken ? "" : "bad" }, `${status ?? error}`),
      h("td", { class: "number" }, nextAt ? time(nextAt) : ""),
      h("td", {}, lever),
    );
  }

  /** @param {string} event */
  async send(event) {
    const id = this.id;
    if (id === null) return;
    const done = await confirmed({
      title: t.webhooks.sendAsk(id, event),
      text: t.webhooks.sendMeans,
      verb: t.webhooks.sendVerb,
      act: () => call("POST", `webhooks/${id}/send`, { event }),
    });
    if (!done) return;
    this.event.value = "";
    this.said.tell(t.webhooks.sent(event));
    await this.moved();
  }
}
