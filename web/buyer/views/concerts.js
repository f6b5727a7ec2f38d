// What is on sale, and the way into each queue.

import { until } from "../../shared/clock.js";
import { h, put, renew } from "../../shared/dom.js";
import * as catalog from "../catalog.js";
import { from, isOver, moment, t, when } from "../language.js";
import * as queue from "../queue.js";
import { refusal } from "../refusal.js";
import { announced, phase } from "../opening.js";
import * as sale from "../sale.js";
import * as shop from "../shop.js";
import { button, notice, trying } from "../shell.js";
import { words } from "../words.js";

/** More dates of a concert than this are folded. */
const DATES_SHOWN = 8;
/** With more concerts than this there is a field to look for one, and each shows fewer dates. */
const SEARCH_FROM = 12;
const DATES_SHOWN_OF_MANY = 3;

export async function show(root, _, signal) {
  document.title = t.title;
  let cards = [];
  const errors = h("div");
  const draw = () => cards.forEach(({ draw }) => draw());
  const build = async () => {
    const { concerts } = await catalog.load(trying);
    if (signal.aborted) return;
    notice("busy", null);
    cards = ordered(concerts).map((concert) => card(concert, concerts.length > SEARCH_FROM ? DATES_SHOWN_OF_MANY : DATES_SHOWN, errors));
    put(root,
      h("h1", {}, t.home),
      words("welcome"),
      concerts.length > SEARCH_FROM && search(cards),
      errors,
      concerts.length === 0 && h("p", { class: "quiet" }, t.nothingOnSale),
      h("ul", { class: "cards" }, ...cards.map(({ element }) => element)),
    );
    draw();
  };
  queue.watch(draw, signal);
  catalog.watch(() => build(), signal);
  sale.follow(draw, signal);
  // A moment that was set comes by itself.
  const timer = setInterval(draw, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  await build();
}

/** What can still be seen first, by its next date; what is over last.
 * @param {Wire.CatalogConcert[]} concerts */
function ordered(concerts) {
  const next = ({ schedules }) => Math.min(...schedules.filter((date) => !isOver(date)).map(({ startsAt }) => Date.parse(startsAt)));
  return concerts
    .map((concert) => ({ concert, next: next(concert), over: concert.schedules.length > 0 && concert.schedules.every(isOver) }))
    .sort((a, b) => Number(a.over) - Number(b.over) || (concerts.length > SEARCH_FROM ? a.next - b.next || 0 : 0))
    .map(({ concert }) => concert);
}

function search(cards) {
  const field = h("input", { type: "search", "aria-label": t.search, placeholder: t.search });
  field.addEventListener("input", () => {
    const words = field.value.toLocaleLowerCase();
    for (const { element, title } of cards) element.hidden = !title.toLocaleLowerCase().includes(words);
  });
  return field;
}

/**
 * @param {Wire.CatalogConcert} concert
 * @param {number} shown
 * @param {Element} errors
 */
function card(concert, shown, errors) {
  const open = concert.schedules.filter((schedule) => !isOver(schedule));
  const prices = open.flatMap(({ sections }) => sections.map(({ amountMin }) => amountMin));
  /** @type {Map<Wire.CatalogSchedule, Element>} */
  const states = new Map();
  const line = (schedule) => {
    const state = h("span", { class: "quiet" });
    states.set(schedule, state);
    return h("li", {}, h("time", { datetime: schedule.startsAt }, when(schedule)), state);
  };
  const byStart = (a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt);
  const dates = [...open.sort(byStart), ...concert.schedules.filter(isOver).sort(byStart)].map(line);
  const folded = dates.slice(shown);
  const action = h("div", { class: "action" });
  const element = h(
    "li",
    { class: "card" },
    h("div", { class: `poster poster-${concert.concertId % 6}`, "aria-hidden": "true" }),
    h(
      "div",
      { class: "card-body" },
      h("h2", {}, concert.title),
      prices.length > 0 && h("p", { class: "quiet" }, from(Math.min(...prices))),
      h("ul", { class: "dates" }, ...dates.slice(0, shown)),
      folded.length > 0 && h("details", {}, h("summary", {}, t.moreDates(folded.length)), h("ul", { class: "dates" }, ...folded)),
      action,
    ),
  );
  let drawn = null;
  const draw = () => {
    for (const [schedule, state] of states) state.textContent = stateOf(schedule);
    const status = queue.at(concert.queue)?.place?.status ?? null;
    const place = status === "WAITING" ? queue.at(concert.queue).place.queuePosition : null;
    const left = open.some(({ saleClosed, scheduleId }) => !saleClosed && !sale.isSoldOut(scheduleId));
    const { prequeueAt, opensAt, closesAt } = sale.opening(concert.queue);
    const opening = { prequeueAt, opensAt, closesAt };
    const facts = { status, place, mode: sale.mode(concert.queue), codes: sale.codes(concert.queue), opening, phase: phase(opening), over: concert.schedules.length > 0 && open.length === 0, left };
    if (drawn === JSON.stringify(facts)) return;
    drawn = JSON.stringify(facts);
    renew(action, ...way(concert, facts, errors));
  };
  return { element, draw, title: concert.title };
}

/** @param {Wire.CatalogSchedule} schedule */
function stateOf(schedule) {
  if (isOver(schedule)) return t.over;
  const { onSaleAt } = schedule;
  if (schedule.saleClosed) return onSaleAt && until(onSaleAt) > 0 ? t.saleFrom(moment(onSaleAt)) : t.saleClosed;
  return sale.isSoldOut(schedule.scheduleId) ? t.soldOut : t.seats(schedule.totalSeats);
}

/** Into the queue, or on to the place that the buyer has there, or why there is no way. */
function way(concert, { status, place, mode, codes, opening, phase, over, left }, errors) {
  const address = `#/wait/${encodeURIComponent(concert.queue)}/${concert.concertId}`;
  if (status === "WAITING" || status === "PROGRESS") {
    const text = status === "PROGRESS" ? t.inside : place === 0 ? t.inPrequeue : t.inLine(place);
    return [h("a", { class: "button primary", href: address }, t.goOn), h("span", { class: "quiet" }, text)];
  }
  if (over) return [h("p", { class: "quiet" }, t.concertOver)];
  if (mode === "CLOSED" || mode === "DRAINING") return [h("p", { class: "quiet" }, t.queueClosed)];
  if (phase === "OVER") return [h("p", { class: "quiet" }, t.queueOver)];
  if (phase === "CLOSED") return announced(opening, concert.title);
  const hints = [
    { EXPIRED: t.placeLost, DONE: t.done }[status],
    phase === "PREQUEUE" ? null : !left && concert.schedules.length > 0 ? t.nothingLeft : mode === "PAUSED" ? t.queuePaused : null,
  ].filter(Boolean).map((hint) => h("span", { class: "quiet" }, hint));
  const ahead = phase === "PREQUEUE" ? announced(opening, concert.title) : [];
  const other = shop.way(concert.queue, concert.concertId);
  if (other) {
    const link = h("a", { class: "button primary", href: other.href, "aria-label": `${other.text}: ${concert.title}` }, other.text);
    return shop.isJoinOpen() ? [link, ...hints, ...ahead] : [link, ...ahead];
  }
  const code = codes === "NONE" ? null : h("input", { type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "80" });
  const join = async () => {
    put(errors);
    try {
      await queue.join(concert.queue, trying, code?.value.trim());
      location.hash = address;
    } catch (error) {
      put(errors, ...refusal(error));
      errors.scrollIntoView({ block: "center" });
    } finally {
      notice("busy", null);
    }
  };
  const element = button(t.join, t.joining, join);
  element.setAttribute("aria-label", `${t.join}: ${concert.title}`);
  code?.addEventListener("keydown", ({ key }) => key === "Enter" && element.click());
  const field = code && h("label", { class: "code" }, codes === "REQUIRED" ? t.codeRequired : t.codeOptional, code);
  return [field, element, ...hints, ...ahead].filter(Boolean);
}
