// Routes, refusals and nodes, in numbers.

import { h, put } from "../../shared/dom.js";
import { count, exact, milliseconds, time } from "../format.js";

export class Tables {
  constructor() {
    this.routes = new Table("Latency by route, the last ten seconds", ["Route", "A second", "50 %", "90 %", "99 %", "99.9 %"], "No request came.");
    this.refusals = new Table("Refusals by code", ["Code", "HTTP", "A second", "Since the start"], "Nothing was refused.");
    this.nodes = new Table("Nodes", ["Node", "Version", "Entry", "In the tables", "Time of the entry", "Commands waiting", "Streams"], "None.");
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
        `${one.node}${one.journalFull ? " (disk full)" : ""}`,
        one.version,
        exact(one.seq),
        exact(one.projectedSeq),
        time(one.time),
        exact(one.pending),
        exact(one.streams),
      ]),
    );
  }
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
