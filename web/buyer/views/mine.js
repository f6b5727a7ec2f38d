// What is one's own: holds to pay, tickets, the wallet. What this browser keeps is shown before anybody is asked.

import { until } from "../../shared/clock.js";
import { h, put, say } from "../../shared/dom.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import { amounts, money, place, places, t, when } from "../language.js";
import { forWhom, ofTicket } from "../prices.js";
import { refusal } from "../refusal.js";
import * as sale from "../sale.js";
import { button, notice, trying } from "../shell.js";
import * as store from "../store.js";
import * as worker from "../worker.js";
import { seatNames } from "./names.js";

export async function show(root, _, signal) {
  document.title = `${t.mine} · ${t.title}`;
  const token = store.anyToken();
  draw(root, { rows: [], tickets: store.tickets(), asked: store.readers().length > 0 });
  if (store.readers().length === 0) return;
  worker.start();
  /** A token that is refused hides no ticket: what is not answered is left out, and why is said once. */
  let refused = null;
  const without = (error) => {
    refused ??= error;
    return null;
  };
  const [all, balance, tickets] = await Promise.all([
    booking.owned(signal, trying).catch(without),
    token && booking.getBalance(token, signal, trying).catch(without),
    booking.tickets(),
  ]);
  notice("busy", null);
  await catalog.load(trying);
  if (signal.aborted) return;
  draw(root, {
    rows: (all ?? []).map((one) => row(one, signal)),
    all: all ?? [],
    tickets,
    wallet: balance !== null && wallet(balance, token),
    refused: refused && refusal(refused, { retry: () => show(root, _, signal) }),
  });
}

/**
 * @param {Element} root
 * @param {{ rows: HTMLElement[], all?: Wire.Reservation[], tickets: KeptTicket[], asked?: boolean, wallet?: Child, refused?: Child }} known
 */
function draw(root, { rows, all = [], tickets, asked, wallet, refused }) {
  const listed = new Set(all.map(({ reservationId, status }) => status === "RESERVED" && reservationId));
  const byReservation = new Map(tickets.map((ticket) => [ticket.reservationId, ticket]));
  const kept = [...byReservation.values()].filter(({ reservationId }) => !listed.has(reservationId));
  const cards = [...rows, ...kept.map((ticket) => keptRow(ticket, tickets))];
  put(root,
    h("h1", {}, t.mine),
    refused,
    wallet,
    cards.length > 0 && h("ul", { class: "cards" }, ...cards),
    cards.length === 0 && !refused && h("p", { class: "quiet" }, asked ? t.loading : t.noneMine),
    cards.length === 0 && !refused && !asked && toConcerts(),
  );
}

/** The balance, and a way to add to it. */
function wallet(balance, token) {
  const sum = h("strong", {}, money(balance));
  const shown = h("p", {}, `${t.wallet}: `, sum);
  if (!sale.isChargeOpen()) return h("section", { class: "panel wallet" }, shown, h("p", { class: "quiet" }, t.chargeOff));
  const mode = places() > 0 ? "decimal" : "numeric";
  const field = h("input", { type: "text", inputmode: mode, "aria-label": t.addSum, placeholder: t.addSum, autocomplete: "off" });
  const errors = h("div", { role: "alert" });
  const earlier = h("p", { role: "status", "data-test": "earlier" });
  const tell = ({ amount, balance, isAll }) => {
    const words = balance === null ? t.earlierRefused : isAll ? t.earlierIsAll : t.earlierAdded;
    say(earlier, words(money(amount)));
    if (balance !== null) say(sum, money(balance));
  };
  const add = async () => {
    const [amount, other] = amounts(field.value);
    put(errors);
    say(earlier, "");
    if (!amount) return void put(errors, h("p", {}, t.addWhole(money(1))));
    if (other) return void put(errors, h("p", {}, t.addEither(field.value.trim(), money(amount), money(other))));
    try {
      say(sum, money(await booking.charge(amount, token, tell, trying)));
      field.value = "";
    } catch (error) {
      put(errors, ...refusal(error));
    } finally {
      notice("busy", null);
    }
  };
  const element = button(t.add, t.charging, add, "");
  element.dataset.test = "add";
  return h("section", { class: "panel wallet" }, shown, h("div", { class: "row" }, field, element), earlier, errors);
}

const toConcerts = () => h("a", { class: "button primary", href: "#/" }, t.home);

/** "Section A · Row 1 · Seat 2 (Child)" */
const withType = (place, type) => (type ? `${place} (${type})` : place);

/** One after the other; places that are alike with their number: "Floor (Adult) × 2, Floor (Child) × 2".
 * @param {string[]} names */
function listed(names) {
  const count = (name) => names.filter((other) => other === name).length;
  return [...new Set(names)].map((name) => (count(name) > 1 ? t.standingPlaces(name, count(name)) : name)).join(", ");
}

/** A ticket that this browser keeps, as long as the server does not list it.
 * @param {KeptTicket} ticket
 * @param {KeptTicket[]} all */
function keptRow(ticket, all) {
  const seats = all.filter(({ reservationId }) => reservationId === ticket.reservationId).map((one) => withType(place(one), ofTicket(one))).join(", ");
  const zone = catalog.known(ticket.scheduleId)?.zone ?? "";
  return h(
    "li",
    { class: "card", "data-test": "kept" },
    h(
      "div",
      { class: "card-body" },
      h("h2", {}, ticket.concertTitle),
      h("p", { class: "quiet" }, when({ startsAt: ticket.startsAt, zone })),
      h("p", { class: "seat-name" }, seats),
      h("a", { class: "button", href: `#/ticket/${ticket.reservationId}` }, t.showTicket),
    ),
  );
}

/** @param {Owned} one
 * @param {AbortSignal} signal */
function row(one, signal) {
  const schedule = catalog.known(one.scheduleId);
  const state = h("span", { class: "state", "data-state": one.status }, t.status[one.status]);
  const seat = h("p", { class: "seat-name" });
  const whom = forWhom(one, schedule);
  seatNames(one, one.token).then((names) => say(seat, listed(names.map((name, at) => withType(name, whom[at]?.name)))));
  const action = {
    TEMP_RESERVED: () => h("a", { class: "button primary", href: `#/pay/${one.reservationId}` }, t.goPay),
    RESERVED: () => h("a", { class: "button", href: `#/ticket/${one.reservationId}` }, t.showTicket),
  }[one.status]?.();
  if (one.status === "TEMP_RESERVED") count(state, one, action, signal);
  return h(
    "li",
    { class: "card" },
    h(
      "div",
      { class: "card-body" },
      h("h2", {}, schedule?.concert.title ?? ""),
      schedule && h("p", { class: "quiet" }, when(schedule)),
      seat,
      h("p", {}, state, " ", money(one.amount)),
      action,
    ),
  );
}

/** The time left to pay, beside the state. */
function count(state, one, action, signal) {
  const timer = setInterval(() => {
    const left = until(one.reservedUntil);
    say(state, left > 0 ? `${t.status.TEMP_RESERVED} · ${t.clock(left)}` : t.status.EXPIRED);
    if (left === 0) (action.remove(), clearInterval(timer));
  }, 500);
  signal.addEventListener("abort", () => clearInterval(timer));
}
