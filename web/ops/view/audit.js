// Who moved which lever when.

import { h, put } from "../../shared/dom.js";
import { time } from "../format.js";

const WORDS = {
  PUBLISH_CATALOG: "Published the catalog",
  DISCARD_UPLOAD: "Discarded",
  OPEN_QUEUE: "Made",
  CHANGE_QUEUE: "Changed",
  CHANGE_SETTINGS: "Changed the",
  CHANGE_SALE: "Changed the sale of",
  RELEASE_HOLD: "Released",
  REMOVE_SCHEDULE: "Removed",
  SEND_MESSAGE: "Told",
};

const SHOWN = 100;

export class Audit {
  constructor() {
    this.entries = h("ol", { class: "audit", tabindex: "0", "aria-label": "Levers, newest first" });
    this.element = h("section", { class: "panel", "aria-labelledby": "audit-title" }, h("h2", { id: "audit-title" }, "On record"), this.entries);
  }

  list(levers) {
    put(this.entries, levers.length === 0 ? h("li", { class: "quiet" }, "No lever was moved yet.") : levers.slice(0, SHOWN).map(entry));
  }
}

function entry({ at, operator, keyId, action, target, before, after }) {
  const change = [before, after].filter(Boolean).join(" → ");
  return h(
    "li",
    {},
    h("p", {}, h("strong", {}, operator ?? `key ${keyId}`), " ", h("time", { datetime: at, class: "quiet" }, time(at))),
    h("p", {}, `${WORDS[action] ?? action} ${target}`),
    change && h("p", { class: "quiet change" }, change),
  );
}
