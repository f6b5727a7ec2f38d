// The waiting page: where one stands, how long it may take, and that nothing is lost by leaving. When it is the
// buyer's turn, the dates to choose from.

import { Refused, insist, rest } from "../../shared/api.js";
import { until } from "../../shared/clock.js";
import { h, put, say } from "../../shared/dom.js";
import * as alert from "../alert.js";
import { hour, isOver, t } from "../language.js";
import { link } from "../move.js";
import { announced, isBefore, phase } from "../opening.js";
import * as queue from "../queue.js";
import { refusal } from "../refusal.js";
import { announce, button, confirm, linkDialog, notice, trying } from "../shell.js";
import * as store from "../store.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import * as sale from "../sale.js";
import * as shop from "../shop.js";
import { Dates } from "./dates.js";

/** Within so long those join who have been waiting for the queue to take people in. */
const JOIN_SPREAD_MS = 2_000;
/** The moments may be changed meanwhile. */
const LOOK_AGAIN_MS = 30_000;
/** Within so long after the opening those who have no stream ask for their place. */
const ASK_SPREAD_MS = 5_000;
/** How often those who listen are told where they stand. */
const SPEAK_MS = 30_000;

export async function show(root, [name = "default", concert], signal) {
  if (!queue.at(name)) {
    const way = await shop.wayOnce(trying, name, concert);
    if (way) return noPlace(root, way);
    try {
      await queue.join(name, trying);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "QUEUE_NOT_YET_OPEN") throw error;
      return tooEarly(root, [name, concert], signal, error.opensAt);
    }
  }
  notice("busy", null);
  let drawn = null;
  /** @type {(place: Standing) => void} */
  let update = () => {};
  const draw = () => {
    const place = queue.at(name)?.place;
    const status = queue.at(name) ? place?.status : "EXPIRED";
    if (!status) return;
    const lapsed = status === "PROGRESS" && place.sessionExpiresAt && until(place.sessionExpiresAt) === 0;
    const isEarly = status === "WAITING" && place.queuePosition === 0;
    const state = lapsed ? "EXPIRED" : isEarly ? early(name) : status;
    // The moments of a queue that opens may be changed meanwhile.
    const key = isEarly ? `${state} ${JSON.stringify(sale.opening(name))}` : state;
    if (drawn !== key) {
      drawn = key;
      update = { WAITING: waiting, PREQUEUE: prequeue, PLACING: prequeue, PROGRESS: inside, DONE: ended, EXPIRED: ended }[state](root, name, concert, signal, state);
    }
    update(place);
  };
  queue.watch(draw, signal);
  sale.follow(draw, signal, () => isStill(queue.at(name)?.place));
  // A session's end is known before the server is asked.
  const timer = setInterval(draw, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  draw();
}

/** Whoever comes before the queue takes people in is told when it does, and joins by staying here.
 * @param {string} opensAt */
async function tooEarly(root, parts, signal, opensAt) {
  notice("busy", null);
  const [name] = parts;
  await sale.refresh().catch(() => {});
  const known = sale.opening(name);
  const opening = isBefore(known) ? known : { prequeueAt: opensAt, opensAt: null, closesAt: null };
  put(root, h("section", { class: "panel hero" }, h("h1", {}, t.notYetOpen), ...announced(opening, titleOf(name))));
  // Not all in the same moment: nothing is lost by a second.
  await rest(Math.min(until(opensAt) + Math.random() * JOIN_SPREAD_MS, LOOK_AGAIN_MS), signal).catch(() => {});
  if (!signal.aborted) await show(root, parts, signal);
}

/** What is sold through the queue. */
const titleOf = (name) => catalog.titleOf(name) ?? t.title;

/** Who comes without a place is sent to where places are given: the page does not join by itself. */
function noPlace(root, { href, text }) {
  notice("busy", null);
  const why = shop.isJoinOpen() && h("p", {}, t.signInWhy);
  put(root, h("h1", {}, t.title), why, h("p", {}, h("a", { class: "button primary", href, "data-test": "way" }, text)));
}

/** Before the opening there is a time and no place; and right after it the place is on its way. */
const early = (name) => (isBefore(sale.opening(name)) ? "PREQUEUE" : "PLACING");

/** The pre-queue: all are told the same.
 * @param {string} state */
function prequeue(root, name, _, signal, state) {
  const opening = sale.opening(name);
  const isPlacing = state === "PLACING";
  if (isPlacing) {
    // Who has a stream is told; the others ask, not all in the same moment.
    rest(Math.random() * ASK_SPREAD_MS, signal).then(() => queue.refresh(name)).catch(() => {});
  }
  const isPaused = phase(opening) === "OPEN" && sale.mode(name) === "PAUSED";
  const priority = h("p", { "data-test": "priority", hidden: true });
  put(root,
    h(
      "section",
      { class: "panel hero", "aria-labelledby": "place-title" },
      h("h1", { class: "label", id: "place-title" }, t.inPrequeue),
      ...(isPlacing ? [h("p", { role: "status", "data-test": "placing" }, isPaused ? t.waitUnknown : t.placing)] : announced(opening, titleOf(name), true)),
      priority,
      h("div", { class: "row center" }, tellMe()),
    ),
    h(
      "section",
      { class: "panel" },
      h("h2", {}, t.keepTitle),
      h("ul", { class: "keep" }, ...t.keepEarly.map((line) => h("li", {}, line))),
      h("div", { class: "row" }, moveAway(name), leave(name)),
    ),
  );
  document.title = isPlacing ? t.title : `${t.notYetOpen} · ${t.title}`;
  signal.addEventListener("abort", () => (document.title = t.title));
  return (/** @type {Standing} */ { tier }) => {
    // Whoever has just joined hears it with the first look.
    priority.hidden = !tier;
    say(priority, tier ? t.priority(tier) : "");
  };
}

function waiting(root, name, _, signal) {
  const number = h("p", { class: "place", "data-test": "position" });
  const ahead = h("p", { class: "ahead" });
  const estimate = h("p", { class: "estimate" });
  const drawn = h("p", { class: "quiet", "data-test": "drawn", hidden: true });
  const state = h("p", { class: "quiet", "data-test": "queue-state" });
  // Heard now and then: a number that changes each second would speak without end.
  const spoken = h("p", { class: "unseen", role: "status" });
  let spokenAt = -Infinity;
  const fill = h("div", { class: "bar-fill" });
  const meter = h(
    "div",
    { class: "meter", role: "progressbar", "aria-label": t.waitBar, "aria-valuemin": "0", "aria-valuemax": "100" },
    fill,
  );
  const mode = h("span", { class: "mode" });
  const news = h("ul", { class: "news" });
  // What speaks of a turn that is to come.
  const tell = h("div", { class: "row center" }, tellMe());
  const keep = h("div", {}, h("h2", {}, t.keepTitle), h("ul", { class: "keep" }, ...t.keep.map((line) => h("li", {}, line))));
  put(root, 
    h(
      "section",
      { class: "panel hero", "aria-labelledby": "place-title" },
      h("h1", { class: "label", id: "place-title" }, t.yourPlace, " ", mode),
      number,
      ahead,
      estimate,
      drawn,
      state,
      spoken,
      meter,
      tell,
    ),
    news,
    h(
      "section",
      { class: "panel" },
      keep,
      h("div", { class: "row" }, moveAway(name), leave(name)),
    ),
  );
  let told = null;
  let wasClosed = false;
  signal.addEventListener("abort", () => (document.title = t.title));
  return (place) => {
    const { queuePosition: position, estimatedWaitSeconds: least, estimatedWaitMaxSeconds: most } = place;
    const isClosed = isStill(place) && sale.mode(name) === "CLOSED";
    const before = isClosed ? t.waitClosed : t.ahead(Math.max(0, position - 1));
    say(number, position.toLocaleString(t.tag));
    say(ahead, before);
    say(estimate, isClosed ? "" : isStill(place) ? t.waitUnknown : t.wait(least, most));
    say(state, isClosed ? "" : standing(name));
    if (place.draw && drawn.hidden) {
      drawn.hidden = false;
      put(drawn, t.drawn(place.draw), " ", h("a", { href: "/docs/draw.md", target: "_blank" }, t.drawCheck));
    }
    for (const promise of [meter, tell, keep]) promise.hidden = isClosed;
    if (performance.now() - spokenAt > SPEAK_MS || isClosed !== wasClosed) {
      [spokenAt, wasClosed] = [performance.now(), isClosed];
      say(spoken, isClosed ? before : `${before}. ${estimate.textContent}`);
    }
    const first = store.firstPosition(name, store.token(name), position);
    const share = first > 1 ? (first - position) / (first - 1 || 1) : 0;
    const percent = Math.round(4 + share * 96);
    fill.style.transform = `scaleX(${percent / 100})`;
    meter.setAttribute("aria-valuenow", String(percent));
    meter.setAttribute("aria-valuetext", before);
    say(mode, queue.at(name).mode === "live" ? t.live : t.polling);
    mode.dataset.mode = queue.at(name).mode;
    document.title = isClosed ? t.title : `${t.waitTitle(position)} · ${t.title}`;
    const items = queue.told();
    if (told !== items.length) {
      told = items.length;
      put(news, ...items.slice(0, 5).map(item));
    }
  };
}

/** Whether one waits, and nobody is being let in.
 * @param {Standing | null | undefined} place */
const isStill = (place) => place?.status === "WAITING" && place.estimatedWaitSeconds === null;

/** What those who wait should know of what they wait for. */
function standing(name) {
  const dates = catalog.datesOf(name);
  const gone = dates.length > 0 && dates.every((date) => isOver(date) || date.saleClosed || sale.isSoldOut(date.scheduleId));
  return gone ? t.nothingLeft : "";
}

function item({ at, text }) {
  return h("li", {}, h("time", { datetime: at }, hour(at)), " ", text[t.tag] || text.en || text.ko);
}

function tellMe() {
  if (!alert.possible()) return null;
  const text = () => ({ notification: t.notifyOn, sound: t.notifySound })[alert.wanted()] ?? t.notify;
  const element = h("button", { type: "button", "aria-pressed": String(alert.wanted() !== null) }, text());
  element.addEventListener("click", async () => {
    await alert.enable().catch(() => {});
    say(element, text());
    element.setAttribute("aria-pressed", String(alert.wanted() !== null));
  });
  return element;
}

function moveAway(name) {
  return h("button", { type: "button", onclick: () => linkDialog(t.move, t.moveHelp, link(name)) }, t.move);
}

function leave(name) {
  const go = async () => {
    // What is held outlives the place: it is said, so that nobody thinks it lost.
    const held = await booking.held(store.token(name), AbortSignal.timeout(3_000)).catch(() => []);
    const until = held.length > 0 && hour(held.map(({ reservedUntil }) => reservedUntil).sort()[0]);
    if (!(await confirm(t.leaveAsk, t.leaveYes, until && t.leaveHeld(held.length, until)))) return;
    await queue.leave(name);
    location.hash = "#/";
  };
  return h("button", { type: "button", class: "plain", onclick: go }, t.leave);
}

function inside(root, name, concert, signal) {
  // Whoever listens instead of looking hears it, and goes on from here.
  const title = h("h1", { tabindex: "-1" }, t.turn);
  announce(t.turn);
  const clock = h("p", { class: "place" });
  const list = new Dates(Number(concert));
  put(root, 
    h(
      "section",
      { class: "panel hero turn" },
      title,
      h("p", { class: "label" }, t.sessionLabel),
      clock,
    ),
    h("section", { class: "panel" }, h("h2", {}, t.chooseDate), list.element),
    h("div", { class: "row center" }, leave(name)),
  );
  document.title = t.turnTitle;
  if (document.activeElement === document.body || document.activeElement?.id === "view") title.focus();
  dates(list, name, signal);
  return (place) => place.sessionExpiresAt && say(clock, t.clock(until(place.sessionExpiresAt)));
}

/** Keeps the dates that this queue opens as they are now, with what is left of each. */
async function dates(list, name, signal) {
  let known = null;
  while (!signal.aborted) {
    try {
      const token = store.token(name);
      const { data, tag } = await insist("GET", "/v1/api/concerts/schedule", { token, known, signal });
      known = tag;
      if (data) {
        // A date that came since, or whose sale was opened or closed, is in the catalog by now.
        if (data.some(isNews)) await catalog.reload().catch(() => {});
        list.show(data);
      }
    } catch (error) {
      if (!signal.aborted) list.refuse(refusal(error));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 2_500 + Math.random() * 1_000));
  }
}

/** Whether the catalog that is known says something else of a date, or nothing.
 * @param {Wire.Schedule} date */
function isNews({ scheduleId, saleClosed }) {
  const known = catalog.known(scheduleId);
  return !known || known.saleClosed !== saleClosed;
}

function ended(root, name, concert, _, state) {
  const rejoin = async () => {
    queue.forget(name);
    await queue.join(name);
  };
  const way = shop.way(name, concert);
  const again = way
    ? h("a", { class: "button primary", href: way.href }, shop.isJoinOpen() ? way.text : t.back(shop.name()))
    : button(t.again, t.joining, rejoin);
  put(root, 
    h(
      "section",
      { class: "panel hero" },
      h("h1", {}, state === "DONE" ? t.doneTitle : t.expiredTitle),
      h("p", {}, state === "DONE" ? t.done : t.expired),
      h("div", { class: "row center" }, again, h("a", { class: "button", href: "#/mine" }, t.mine)),
    ),
  );
  return () => {};
}
