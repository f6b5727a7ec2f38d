// Who moved which lever when.

import { h, put } from "../../shared/dom.js";
import { time } from "../format.js";
import { t } from "../language.js";

const SHOWN = 100;

export class Audit {
  constructor() {
    this.entries = h("ol", { class: "audit", tabindex: "0", "aria-label": t.record.label });
    this.element = h("section", { class: "panel", "aria-labelledby": "audit-title" }, h("h2", { id: "audit-title" }, t.record.title), this.entries);
  }

  /** @param {Wire.Lever[]} levers */
  list(levers) {
    put(this.entries, levers.length === 0 ? h("li", { class: "quiet" }, t.record.none) : levers.slice(0, SHOWN).map(entry));
  }
}

/** What people wrote turns nothing that stands beside it, in whatever direction it is written. */
const apart = (text) => h("bdi", {}, text);

/** @param {Wire.Lever} lever */
function entry({ at, operator, keyId, action, target, before, after }) {
  const change = [before, after].filter(Boolean).flatMap((text, i) => [i > 0 && " → ", apart(text)]);
  return h(
    "li",
    {},
    h("p", {}, h("strong", {}, apart(operator ?? t.record.key(keyId))), " ", h("time", { datetime: at, class: "quiet" }, time(at))),
    h("p", {}, t.record.done(action, apart(target))),
    change.length > 0 && h("p", { class: "quiet change" }, change),
  );
}
