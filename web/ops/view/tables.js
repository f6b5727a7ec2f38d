// Routes, refusals and nodes, in numbers.

import { h, put, say } from "../../shared/dom.js";
import { count, exact, milliseconds, seconds, time } from "../format.js";
import { t } from "../language.js";

export class Tables {
  constructor() {
    this.routes = new Table(t.tables.routes, t.tables.routesHead, t.tables.noRoute);
    this.refusals = new Table(t.tables.refusals, t.tables.refusalsHead, t.tables.noRefusal);
    this.nodes = new Table(t.tables.nodes, t.tables.nodesHead, t.tables.noNode);
    this.counted = h("p", { class: "quiet" });
    this.nodes.element.querySelector("h2").after(this.counted);
    this.element = h("div", { class: "tables" }, this.routes.element, this.refusals.element, this.nodes.element);
  }

  /** @param {Wire.OpsNow} now */
  show({ routes, refusals, nodes }) {
    this.routes.fill(
      [...routes]
        .sort((a, b) => b.requestsPerSecond - a.requestsPerSecond)
        .map((one) => [one.route, count(one.requestsPerSecond), ...[one.p50Ms, one.p90Ms, one.p99Ms, one.p999Ms].map(milliseconds)]),
    );
    this.refusals.fill([...refusals].sort((a, b) => b.perSecond - a.perSecond || b.total - a.total).map((one) => [one.code, String(one.status), count(one.perSecond), exact(one.total)]));
    this.nodes.fill(
      nodes.map((one) => [
        one.answers && nodes.length > 1 ? t.tables.answers(one.name) : one.name,
        state(one),
        one.answers ? t.tables.now : t.tables.ago(seconds(Math.round(one.silentMs / 1000))),
        one.version,
        String(one.levelMax),
        exact(one.seq),
        exact(one.behind),
        exact(one.projectedSeq),
        time(one.time),
        exact(one.pending),
        exact(one.streams),
      ]),
    );
    say(this.counted, counted(nodes));
  }
}

/** In words, so that it does not hang on a colour.
 * @param {Wire.NodeState} node */
function state({ counted, ready, journalFull }) {
  if (!counted) return t.tables.silent;
  if (journalFull) return t.tables.full;
  return ready ? t.tables.ready : t.tables.notReady;
}

/** What the figures of this page are of.
 * @param {Wire.NodeState[]} nodes */
function counted(nodes) {
  const [sum, all] = [nodes.filter((one) => one.counted).length, nodes.length];
  if (all === 1) return t.tables.own;
  const which = sum === all ? t.tables.all(all) : t.tables.some(sum, all);
  return t.tables.summed(which);
}

class Table {
  /**
   * @param {string} name
   * @param {readonly string[]} head
   * @param {string} nothing
   */
  constructor(name, head, nothing) {
    this.nothing = nothing;
    this.columns = head.length;
    this.body = h("tbody");
    this.element = h(
      "section",
      { class: "panel", "aria-label": name },
      h("h2", {}, name),
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
        h("table", {}, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))), this.body),
      ),
    );
  }

  /** @param {string[][]} rows */
  fill(rows) {
    const text = JSON.stringify(rows);
    if (text === this.text) return;
    this.text = text;
    /** @param {string[]} cells */
    const line = ([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", { class: "number" }, cell)));
    put(this.body, rows.length > 0 ? rows.map(line) : h("tr", {}, h("td", { colspan: String(this.columns), class: "quiet" }, this.nothing)));
  }
}
