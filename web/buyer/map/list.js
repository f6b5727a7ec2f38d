// The seats of one section as a grid of buttons: for keyboards, screen readers, and whoever likes lists.

import { h, put } from "../../shared/dom.js";
import { price, t, whereabouts } from "../language.js";
import { isPlace, particulars } from "../prices.js";

/** Draws the section into `root`. `mine` are the seats that the buyer holds; `choose(seat)` is told of a choice.
 * @param {Element} root
 * @param {Placed} section
 * @param {Grid} placed
 * @param {Set<number>} mine
 * @param {Map<number, PlacedSeat>} chosen
 * @param {(seat: PlacedSeat) => void} choose */
export function list(root, section, placed, mine, chosen, choose) {
  const focused = root.contains(document.activeElement) ? document.activeElement.getAttribute("data-seat") : null;
  /** @type {PlacedSeat[][]} */
  const lines = [];
  for (const seat of placed.seats) (lines[seat.line] ??= []).push(seat);
  const start = [...chosen.keys()].at(-1) ?? placed.seats.find(isFree)?.seatId ?? placed.seats[0]?.seatId;
  const rows = lines.map((seats) =>
    h(
      "div",
      { role: "row" },
      h("span", { role: "rowheader" }, seats[0].row ? t.row(seats[0].row) : ""),
      ...seats.map((seat) => cell(seat, mine, chosen, seat.seatId === start, choose)),
    ),
  );
  const grid = h("div", { role: "grid", "aria-label": t.section(section.name), class: "seat-grid" }, ...rows);
  grid.addEventListener("keydown", (event) => step(event, grid));
  put(root, h("p", { class: "quiet" }, t.listHelp), grid);
  if (!focused) return;
  /** @type {HTMLElement | null} */
  const again = root.querySelector(`[data-seat="${focused}"]`) ?? root.querySelector("[tabindex='0']");
  again?.focus();
}

const isFree = ({ seatStatus }) => seatStatus === "AVAILABLE";

/** @param {PlacedSeat} seat */
function cell(seat, mine, chosen, reachable, choose) {
  const state = mine.has(seat.seatId) ? t.yours : { AVAILABLE: t.free, TEMP_RESERVED: t.held, RESERVED: t.sold }[seat.seatStatus];
  const number = String(seat.number ?? seat.seatId);
  const button = h(
    "button",
    {
      type: "button",
      "data-seat": seat.seatId,
      "data-place": isPlace(seat) ? "" : null,
      "data-state": mine.has(seat.seatId) ? "mine" : seat.seatStatus,
      tabindex: reachable ? "0" : "-1",
      "aria-pressed": String(chosen.has(seat.seatId)),
      "aria-disabled": isFree(seat) ? null : "true",
      // What is seen comes first: who speaks to their computer says what they see. It is said once.
      "aria-label": [number, ...whereabouts(seat), price(seat.amount), ...particulars(seat), state].join(", "),
      onclick: () => choose(seat),
    },
    number,
  );
  return h("span", { role: "gridcell" }, button);
}

/** Arrow keys move from seat to seat, Home and End to the ends of a row. */
function step(event, grid) {
  const row = event.target.closest("[role=row]");
  if (!row) return;
  const seats = [...row.querySelectorAll("button")];
  const at = seats.indexOf(event.target);
  const beside = (other) => [...(other?.querySelectorAll("button") ?? [])];
  const near = (buttons) => buttons[Math.min(at, buttons.length - 1)];
  const next = {
    ArrowLeft: () => seats[at - 1],
    ArrowRight: () => seats[at + 1],
    ArrowUp: () => near(beside(row.previousElementSibling)),
    ArrowDown: () => near(beside(row.nextElementSibling)),
    Home: () => seats[0],
    End: () => seats.at(-1),
  }[event.key]?.();
  if (!next) return;
  event.preventDefault();
  grid.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}
