// Routes, refusals and nodes, in numbers.

import { h, put, say } from "../../shared/dom.js";
import { count, exact, milliseconds, seconds, time } from "../format.js";

export class Tables {
  constructor() {
    this.routes = new Table("Latency by route, the last ten seconds", ["Route", "A second", "50 %", "90 %", "99 %", "99.9 %"], "No request came.");
    this.refusals = new Table("Refusals by code", ["Code", "HTTP", "A second", "Since the start"], "Nothing was refused.");
    this.nodes = new Table("Nodes", ["Node", "State", "Last heard from", "Version", "Level", "Entry", "Behind", "In the tables", "Time of the entry", "Commands waiting", "Streams"], "None.");
    this.counted = h("p", { class: "quiet" });
    this.nodes.element.querySelector("h2").after(this.counted);
    this.element = h("div", { class: "tables" }, this.routes.element, this.refusals.element, this.nodes.element);
  }

  show({ routes, refusals, nodes }) {
    this.routes.fill(
      [...routes]
        .sort((a, b) => b.requestsPerSecond - a.requestsPerSecond)
        .map((one) => [one.route, count(one.requestsPerSecond), ...[one.p50Ms, one.p90Ms, one.p99Ms, one.p999Ms].map(milliseconds)]),
    );
    this.refusals.fill([...refusals].sort((a, b) => b.perSecond - a.perSecond || b.total - a.total).map((one) => [one.code, String(one.status), count(one.perSecond), exact(one.total)]));
    this.nodes.fill(
      nodes.map((one) => [
        one.answers && nodes.length > 1 ? `${one.name} (answers this page)` : one.name,
        state(one),
        one.answers ? "now" : `${seconds(Math.round(one.silentMs / 1000))} ago`,
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

/** In words, so that it does not hang on a colour. */
function state({ counted, ready, journalFull }) {
  if (!counted) return "silent";
  if (journalFull) return "disk full";
  return ready ? "ready" : "not ready";
}

/** What the figures of this page are of. */
function counted(nodes) {
  const [sum, all] = [nodes.filter((one) => one.counted).length, nodes.length];
  if (all === 1) return "All figures of this page are this node's.";
  const which = sum === all ? `all ${all} nodes` : `${sum} of ${all} nodes: of the others nothing was heard for more than 5 s`;
  return `Requests, refusals and streams are the sum over ${which}; latency and commit are the slowest node's, entries behind the furthest. Queues, seats and money are the same on every node.`;
}

class Table {
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

  fill(rows) {
    const text = JSON.stringify(rows);
    if (text === this.text) return;
    this.text = text;
    const line = ([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td", { class: "number" }, cell)));
    put(this.body, rows.length > 0 ? rows.map(line) : h("tr", {}, h("td", { colspan: String(this.columns), class: "quiet" }, this.nothing)));
  }
}
