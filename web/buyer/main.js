// Starts the page and shows the view that the address names.

import { h, put } from "../shared/dom.js";
import * as catalog from "./catalog.js";
import { choose, start as startLanguage, t } from "./language.js";
import * as idle from "./idle.js";
import { adoptFromAddress } from "./move.js";
import * as proof from "./proof.js";
import * as queue from "./queue.js";
import { bar, confirm, connection, foot, notice, tellNews, trying } from "./shell.js";
import { refusal } from "./refusal.js";
import * as shop from "./shop.js";

/** Views by the first part of the fragment. Each is loaded when it is first needed. */
const VIEWS = {
  "": () => import("./views/concerts.js"),
  wait: () => import("./views/waiting.js"),
  hall: () => import("./views/hall.js"),
  pay: () => import("./views/pay.js"),
  ticket: () => import("./views/ticket.js"),
  mine: () => import("./views/mine.js"),
};

/** @type {HTMLElement} */
const view = document.querySelector("#view");
let leaving = new AbortController();

/** The parts of the address. One that is written wrongly names nothing. */
function address() {
  try {
    return location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return ["nothing"];
  }
}

async function show() {
  leaving.abort();
  const { signal } = (leaving = new AbortController());
  const [name, ...rest] = address();
  bar(name);
  connection(name);
  const known = Object.hasOwn(VIEWS, name);
  const root = h("div", { class: `view view-${known ? name || "concerts" : "nothing"}` }, h("p", { class: "quiet" }, t.loading));
  put(view, root);
  try {
    const module = known ? await VIEWS[name]() : { show: nothing };
    if (!signal.aborted) await module.show(root, rest, signal);
  } catch (error) {
    if (!signal.aborted) put(root, ...refusal(error, { retry: show }));
  }
}

function nothing(root) {
  document.title = t.title;
  put(root, h("h1", {}, t.unknownPage), h("a", { class: "button", href: "#/" }, t.home));
}

async function switchLanguage() {
  try {
    await choose(t.tag === "ko" ? "en" : "ko");
  } catch {
    return notice("language", t.noWords, 12_000);
  }
  render();
}

/** What is around the view, in the language in use. */
function around() {
  document.querySelector("#skip").textContent = t.skip;
  foot(switchLanguage);
}

function render() {
  around();
  queue.redraw();
  show();
}

/** Takes over what a link brought, and says so; of a sign-in that failed until it is closed. */
async function adopt() {
  const lasts = /[#&](login|by)=/.test(location.hash);
  notice("moved", null);
  const said = await adoptFromAddress(confirm);
  if (said) notice("moved", said, lasts ? undefined : 12_000);
  foot(switchLanguage);
}

async function start() {
  await startLanguage();
  shop.dress();
  shop.learnReturn();
  document.querySelector("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
  around();
  bar("");
  for (const name of ["online", "offline"]) addEventListener(name, () => connection());
  const never = new AbortController().signal;
  queue.watch(() => connection(), never);
  queue.onNews(tellNews);
  idle.start();
  proof.start();
  catalog.watch(() => (shop.dress(), bar(address()[0]), foot(switchLanguage)), never);
  // What is on sale fills in when it comes: nobody loses a place, or a ticket, because one call is not answered.
  catalog.load(trying).then(() => (foot(switchLanguage), notice("busy", null))).catch(() => {});
  await adopt();
  queue.resume();
  addEventListener("hashchange", async () => {
    // A link that moves a place may be opened where the page is open already.
    await adopt();
    queue.resume();
    show();
    view.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  await show();
}

start();
