// The tickets of one reservation, as QR codes that the gate reads. What this browser keeps is shown first.

import { h, put } from "../../shared/dom.js";
import * as booking from "../booking.js";
import { calendar, download } from "../keep.js";
import * as catalog from "../catalog.js";
import { place, t, when } from "../language.js";
import { ticketsLink } from "../move.js";
import { ofTicket } from "../prices.js";
import { picture } from "../picture.js";
import { code } from "../qr.js";
import { linkDialog } from "../shell.js";
import * as store from "../store.js";
import { words } from "../words.js";
import * as worker from "../worker.js";
import { running, soonest } from "./holds.js";

export async function show(root, [id], signal) {
  const find = (all) => all.filter(({ reservationId }) => reservationId === Number(id));
  const kept = find(store.tickets());
  if (kept.length > 0) draw(root, kept, signal);
  const tickets = find(await booking.tickets());
  if (signal.aborted) return;
  if (tickets.length === 0) return put(root, h("h1", {}, t.unknownPage), h("a", { href: "#/mine" }, t.mine));
  if (JSON.stringify(tickets) !== JSON.stringify(kept)) draw(root, tickets, signal);
}

/** @param {Element} root
 * @param {KeptTicket[]} tickets
 * @param {AbortSignal} signal */
function draw(root, tickets, signal) {
  document.title = `${t.ticket} · ${t.title}`;
  const offline = h("p", { class: "quiet", "data-test": "offline-ready" });
  const other = h("div", { class: "note no-print" });
  put(root,
    h("h1", {}, t.ticket),
    h("p", { class: "quiet" }, t.ticketHelp),
    words("ticket"),
    other,
    ...tickets.map(card),
    h("section", { class: "panel no-print" }, offline, h("p", {}, t.onlyHere), actions(tickets)),
  );
  // Only what is so is said: without the worker, or without storage, a reload needs a connection.
  worker.start().then((ready) => (offline.textContent = ready && store.keeps() ? t.ticketOffline : t.ticketOnline));
  otherHold(other, signal);
}

/** Paying ends no other hold. */
async function otherHold(element, signal) {
  const token = store.anyToken();
  if (!token || !navigator.onLine) return;
  const held = soonest(await booking.held(token, signal).catch(() => []));
  if (held.length === 0 || signal.aborted) return;
  put(element, t.otherHold(held.length), " ", running(held[0], t.payOtherNow, signal, { class: "button primary", "data-test": "other-hold" }));
}

function actions(tickets) {
  const [ticket] = tickets;
  const token = store.readers().find((one) => store.ownerOf(one) === ticket.owner) ?? store.anyToken();
  const act = (label, work) => h("button", { type: "button", onclick: work }, label);
  const schedule = catalog.known(ticket.scheduleId);
  return h(
    "div",
    { class: "row" },
    act(t.savePicture, () => tickets.forEach((one) => picture(one, address(one), ofTicket(one)))),
    act(t.saveDate, () => download("concert.ics", "text/calendar", calendar(ticket, schedule?.endsAt))),
    act(t.print, () => print()),
    token && act(t.elsewhere, () => linkDialog(t.elsewhere, t.elsewhereHelp, ticketsLink(token))),
  );
}

const address = (ticket) => `${location.origin}/verify#${ticket.ticket}`;

function card(ticket) {
  const zone = catalog.known(ticket.scheduleId)?.zone ?? "";
  return h(
    "article",
    { class: "ticket", "data-test": "ticket" },
    h(
      "div",
      { class: "ticket-head" },
      h("h2", {}, ticket.concertTitle),
      h("p", {}, when({ startsAt: ticket.startsAt, zone })),
      h("p", { class: "seat-name" }, place(ticket)),
      ticket.priceType && h("p", { "data-test": "price-type" }, ofTicket(ticket)),
    ),
    h("div", { class: "ticket-code" }, code(address(ticket), t.ticketQr(place(ticket)))),
    h("p", { class: "ticket-foot" }, h("a", { href: address(ticket) }, t.ticketCheck), ` · No. ${ticket.paymentId}`),
  );
}
