// The waiting page: where one stands, how long it may take, and that nothing is lost by leaving. When it is the
// buyer's turn, the dates to choose from.

import { insist } from "../../shared/api.js";
import { until } from "../../shared/clock.js";
import { h, put, say } from "../../shared/dom.js";
import * as alert from "../alert.js";
import { money, t, when } from "../language.js";
import { link } from "../move.js";
import * as queue from "../queue.js";
import { refusal } from "../refusal.js";
import { button, confirm, notice } from "../shell.js";
import * as store from "../store.js";
import * as catalog from "../catalog.js";

export async function show(root, [name = "default", concert], signal) {
  if (!queue.at(name)) await queue.join(name, () => notice("busy", navigator.onLine ? t.trying : t.offline));
  notice("busy", null);
  let drawn = null;
  let update = () => {};
  const draw = () => {
    const place = queue.at(name)?.place;
    const status = queue.at(name) ? place?.status : "EXPIRED";
    if (!status) return;
    const lapsed = status === "PROGRESS" && place.sessionExpiresAt && until(place.sessionExpiresAt) === 0;
    const state = lapsed ? "EXPIRED" : status;
    if (drawn !== state) {
      drawn = state;
      update = { WAITING: waiting, PROGRESS: inside, DONE: ended, EXPIRED: ended }[state](root, name, concert, signal, state);
    }
    update(place);
  };
  queue.watch(draw, signal);
  // A session's end is known before the server is asked.
  const timer = setInterval(draw, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  draw();
}

function waiting(root, name, _, signal) {
  const number = h("p", { class: "place", "data-test": "position" });
  const ahead = h("p", { class: "ahead" });
  const estimate = h("p", { class: "estimate" });
  const fill = h("div", { class: "bar-fill" });
  const meter = h(
    "div",
    { class: "meter", role: "progressbar", "aria-label": t.waitBar, "aria-valuemin": "0", "aria-valuemax": "100" },
    fill,
  );
  const mode = h("span", { class: "mode" });
  const news = h("ul", { class: "news" });
  put(root, 
    h(
      "section",
      { class: "panel hero", "aria-labelledby": "place-title" },
      h("h1", { class: "label", id: "place-title" }, t.yourPlace, " ", mode),
      number,
      h("div", { role: "status" }, ahead, estimate),
      meter,
      h("div", { class: "row center" }, tellMe()),
    ),
    news,
    h(
      "section",
      { class: "panel" },
      h("h2", {}, t.keepTitle),
      h("ul", { class: "keep" }, ...t.keep.map((line) => h("li", {}, line))),
      h("div", { class: "row" }, moveAway(name), leave(name)),
    ),
  );
  let told = null;
  signal.addEventListener("abort", () => (document.title = t.title));
  return (place) => {
    const { queuePosition: position, estimatedWaitSeconds: least, estimatedWaitMaxSeconds: most } = place;
    say(number, position.toLocaleString(t.tag));
    say(ahead, t.ahead(Math.max(0, position - 1)));
    say(estimate, least === null ? t.waitUnknown : t.wait(least, most));
    const first = store.firstPosition(name, store.token(name), position);
    const share = first > 1 ? (first - position) / (first - 1 || 1) : 0;
    const percent = Math.round(4 + share * 96);
    fill.style.transform = `scaleX(${percent / 100})`;
    meter.setAttribute("aria-valuenow", String(percent));
    meter.setAttribute("aria-valuetext", t.ahead(Math.max(0, position - 1)));
    say(mode, queue.at(name).mode === "live" ? t.live : t.polling);
    mode.dataset.mode = queue.at(name).mode;
    notice("offline", queue.at(name).mode === "offline" ? t.offline : null);
    document.title = `${t.waitTitle(position)} · ${t.title}`;
    const items = queue.told();
    if (told !== items.length) {
      told = items.length;
      put(news, ...items.slice(0, 5).map(item));
    }
  };
}

function item({ at, text }) {
  const time = new Intl.DateTimeFormat(t.tag, { hour: "numeric", minute: "2-digit" }).format(new Date(at));
  return h("li", {}, h("time", { datetime: at }, time), " ", text[t.tag] || text.en || text.ko);
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
  return h("button", { type: "button", onclick: () => moveDialog(name) }, t.move);
}

function moveDialog(name) {
  const address = h("input", { readonly: true, value: link(name), "aria-label": t.move });
  const copy = h("button", { class: "primary", type: "button" }, t.moveCopy);
  copy.addEventListener("click", async () => {
    address.select();
    // Without HTTPS there is no clipboard: the address is selected, to be copied by hand.
    await navigator.clipboard?.writeText(address.value).catch(() => {});
    if (navigator.clipboard) say(copy, t.moveCopied);
  });
  const dialog = h("dialog", { "aria-label": t.move, onclose: () => dialog.remove() });
  const close = h("button", { type: "button", onclick: () => dialog.close() }, t.close);
  dialog.append(h("h2", {}, t.move), h("p", {}, t.moveHelp), address, h("div", { class: "row end" }, close, copy));
  document.body.append(dialog);
  dialog.showModal();
}

function leave(name) {
  const go = async () => {
    if (!(await confirm(t.leaveAsk, t.leaveYes))) return;
    await queue.leave(name);
    location.hash = "#/";
  };
  return h("button", { type: "button", class: "plain", onclick: go }, t.leave);
}

function inside(root, name, concert, signal) {
  const clock = h("p", { class: "place" });
  const list = h("ul", { class: "dates pick", "data-test": "dates" });
  put(root, 
    h(
      "section",
      { class: "panel hero turn" },
      h("h1", {}, t.turn),
      h("p", { class: "label" }, t.sessionLabel),
      clock,
    ),
    h("section", { class: "panel" }, h("h2", {}, t.chooseDate), list),
    h("div", { class: "row center" }, leave(name)),
  );
  document.title = t.turnTitle;
  dates(list, name, Number(concert), signal);
  return (place) => place.sessionExpiresAt && say(clock, t.clock(until(place.sessionExpiresAt)));
}

/** The dates that this queue opens, those of the concert in question first, with what is left of each. */
async function dates(list, name, concert, signal) {
  let known = null;
  while (!signal.aborted) {
    try {
      const token = store.token(name);
      const { data, tag } = await insist("GET", "/v1/api/concerts/schedule", { token, known, signal });
      known = tag;
      if (data) {
        const rows = data.sort((a, b) => (b.concertId === concert) - (a.concertId === concert));
        put(list, ...(await Promise.all(rows.map(date))));
      }
    } catch (error) {
      if (!signal.aborted) put(list, h("li", {}, ...refusal(error)));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 2_500 + Math.random() * 1_000));
  }
}

async function date(row) {
  const known = await catalog.schedule(row.scheduleId);
  const closed = known?.saleClosed;
  const open = row.seatStatus === "AVAILABLE" && !closed;
  const state = closed ? t.saleClosed : open ? t.left(row.availableSeats, row.totalSeats) : t.soldOut;
  const price = known && Math.min(...known.sections.map(({ amountMin }) => amountMin));
  return h(
    "li",
    {},
    h(
      open ? "a" : "div",
      { class: "date", href: open ? `#/hall/${row.scheduleId}` : null },
      h("strong", {}, row.concertTitle),
      h("span", {}, when({ ...row, zone: known?.zone ?? "Asia/Seoul" })),
      h("span", { class: "quiet" }, state, price ? ` · ${t.from(money(price))}` : ""),
    ),
  );
}

function ended(root, name, concert, _, state) {
  const again = async () => {
    queue.forget(name);
    await queue.join(name);
  };
  put(root, 
    h(
      "section",
      { class: "panel hero" },
      h("h1", {}, state === "DONE" ? t.doneTitle : t.expiredTitle),
      h("p", {}, state === "DONE" ? t.done : t.expired),
      h("div", { class: "row center" }, button(t.again, t.joining, again), h("a", { class: "button", href: "#/mine" }, t.mine)),
    ),
  );
  return () => {};
}
