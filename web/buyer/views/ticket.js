// The tickets of one reservation, as QR codes that the gate reads.

import { correction, generate } from "../../vendor/lean-qr/index.mjs";
import { h, put, svg } from "../../shared/dom.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import { place, t, when } from "../language.js";
import * as store from "../store.js";

export async function show(root, [id]) {
  const token = store.anyToken();
  const all = token ? await booking.tickets(token) : store.tickets();
  const tickets = all.filter(({ reservationId }) => reservationId === Number(id));
  if (tickets.length === 0) return put(root, h("h1", {}, t.unknownPage), h("a", { href: "#/mine" }, t.mine));
  document.title = `${t.ticket} · ${t.title}`;
  const cards = await Promise.all(tickets.map(card));
  put(root, h("h1", {}, t.ticket), h("p", { class: "quiet" }, t.ticketHelp), ...cards);
}

async function card(ticket) {
  const schedule = await catalog.schedule(ticket.scheduleId).catch(() => undefined);
  const address = `${location.origin}/verify#${ticket.ticket}`;
  return h(
    "article",
    { class: "ticket", "data-test": "ticket" },
    h(
      "div",
      { class: "ticket-head" },
      h("h2", {}, ticket.concertTitle),
      h("p", {}, when({ startsAt: ticket.startsAt, zone: schedule?.zone ?? "Asia/Seoul" })),
      h("p", { class: "seat-name" }, place(ticket)),
    ),
    h("div", { class: "ticket-code" }, code(address, t.ticketQr(place(ticket)))),
    h("p", { class: "ticket-foot" }, h("a", { href: address }, t.ticketCheck), ` · No. ${ticket.paymentId}`),
  );
}

/** A QR code of black squares on white, whatever the page's colours are: scanners want it so. */
function code(text, label) {
  const bitmap = generate(text, { minCorrectionLevel: correction.L });
  const squares = [];
  for (let y = 0; y < bitmap.size; y += 1) {
    for (let x = 0; x < bitmap.size; x += 1) {
      if (bitmap.get(x, y)) squares.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  const box = `-4 -4 ${bitmap.size + 8} ${bitmap.size + 8}`;
  return svg(
    "svg",
    { viewBox: box, role: "img", "aria-label": label, class: "qr", "shape-rendering": "crispEdges" },
    svg("rect", { x: -4, y: -4, width: bitmap.size + 8, height: bitmap.size + 8, fill: "#fff" }),
    svg("path", { d: squares.join(""), fill: "#000" }),
  );
}
