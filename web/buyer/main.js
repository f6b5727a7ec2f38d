// Starts the page and shows the view that the address names.

import { h, put } from "../shared/dom.js";
import * as catalog from "./catalog.js";
import { choose, count, start as startLanguage, t } from "./language.js";
import { adoptFromAddress } from "./move.js";
import * as queue from "./queue.js";
import { bar, confirm, foot, notice } from "./shell.js";
import { refusal } from "./refusal.js";

/** Views by the first part of the fragment. Each is loaded when it is first needed. */
const VIEWS = {
  "": () => import("./views/concerts.js"),
  wait: () => import("./views/waiting.js"),
  hall: () => import("./views/hall.js"),
  pay: () => import("./views/pay.js"),
  ticket: () => import("./views/ticket.js"),
  mine: () => import("./views/mine.js"),
};

const view = document.querySelector("#view");
let leaving = new AbortController();

async function show() {
  leaving.abort();
  const { signal } = (leaving = new AbortController());
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  bar(name);
  const load = VIEWS[name] ?? (() => Promise.resolve({ show: nothing }));
  const module = await load();
  if (signal.aborted) return;
  const root = h("div", { class: `view view-${name || "concerts"}` }, h("p", { class: "quiet" }, t.loading));
  put(view, root);
  try {
    await module.show(root, rest, signal);
  } catch (error) {
    if (!signal.aborted) put(root, ...refusal(error, { retry: show }));
  }
}

function nothing(root) {
  document.title = t.title;
  put(root, h("h1", {}, t.unknownPage), h("a", { class: "button", href: "#/" }, t.home));
}

function switchLanguage() {
  choose(t.tag === "ko" ? "en" : "ko");
  render();
}

function render() {
  const skip = document.querySelector("#skip");
  skip.textContent = t.skip;
  foot(switchLanguage);
  queue.redraw();
  show();
}

async function start() {
  startLanguage();
  const moved = adoptFromAddress(confirm);
  document.querySelector("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
  foot(switchLanguage);
  bar("");
  addEventListener("online", () => notice("offline", null));
  addEventListener("offline", () => notice("offline", t.offline));
  const goods = catalog.load();
  if (await moved) notice("moved", t.moveDone, 8_000);
  await goods.then(({ currency }) => count(currency)).catch(() => {});
  queue.resume();
  addEventListener("hashchange", async () => {
    // A link that moves a place may be opened where the page is open already.
    if (await adoptFromAddress(confirm)) queue.resume();
    show();
    view.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  await show();
}

start();
