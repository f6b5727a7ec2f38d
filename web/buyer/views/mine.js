// What is one's own: holds to pay, tickets, the wallet.

import { until } from "../../shared/clock.js";
import { h, put, say } from "../../shared/dom.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import { minor, money, t, when } from "../language.js";
import { refusal } from "../refusal.js";
import { button, notice } from "../shell.js";
import * as store from "../store.js";
import { seatNames } from "./names.js";

export async function show(root, _, signal) {
  document.title = `${t.mine} · ${t.title}`;
  const token = store.anyToken();
  if (!token) return put(root, h("h1", {}, t.mine), h("p", { class: "quiet" }, t.noneMine), toConcerts());
  const [all, balance] = await Promise.all([booking.reservations(token, signal), booking.getBalance(token, signal)]);
  const rows = await Promise.all(all.map((one) => row(one, token, signal)));
  booking.tickets(token).catch((error) => root.prepend(...refusal(error)));
  put(root, 
    h("h1", {}, t.mine),
    wallet(balance, token),
    rows.length > 0 ? h("ul", { class: "cards" }, ...rows) : h("p", { class: "quiet" }, t.noneMine),
    rows.length === 0 && toConcerts(),
  );
}

/** The balance, and a way to add to it. */
function wallet(balance, token) {
  const sum = h("strong", {}, money(balance));
  const field = h("input", { type: "number", min: 1, step: 1, inputmode: "numeric", "aria-label": t.addSum, placeholder: t.addSum });
  const errors = h("div", { role: "alert" });
  const add = async () => {
    const amount = minor(field.value);
    put(errors);
    if (!amount) return void put(errors, h("p", {}, t.addWhole));
    try {
      say(sum, money(await booking.charge(amount, token, () => notice("busy", navigator.onLine ? t.trying : t.offline))));
      field.value = "";
    } catch (error) {
      put(errors, ...refusal(error));
    } finally {
      notice("busy", null);
    }
  };
  const element = button(t.add, t.charging, add, "");
  element.dataset.test = "add";
  return h("section", { class: "panel wallet" }, h("p", {}, `${t.wallet}: `, sum), h("div", { class: "row" }, field, element), errors);
}

const toConcerts = () => h("a", { class: "button primary", href: "#/" }, t.home);

async function row(one, token, signal) {
  const schedule = await catalog.schedule(one.scheduleId);
  const state = h("span", { class: "state", "data-state": one.status }, t.status[one.status]);
  const seat = h("p", { class: "seat-name" });
  seatNames(one, token).then((name) => say(seat, name));
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
