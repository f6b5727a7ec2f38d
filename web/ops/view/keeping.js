// Seats of a date, to be held back from the sale and put on sale again.

import { h, put, say } from "../../shared/dom.js";
import { announcer, confirmed } from "../confirm.js";
import { exact } from "../format.js";
import { t } from "../language.js";
import { call } from "../session.js";
import { field } from "./field.js";

/** What the server takes in one call. */
const AT_ONCE_MAX = 1_000;

export class Keeping {
  /** @param {{ moved: () => Promise<void> }} told */
  constructor({ moved }) {
    this.moved = moved;
    this.said = announcer();
    this.alert = h("p", { role: "alert", class: "alert" });
    this.date = h("select", { id: "keeping-date" });
    this.section = h("select", { id: "keeping-section" });
    this.rows = h("div", { class: "rows", role: "group", "aria-label": t.keeping.seats });
    this.chosen = h("p", { class: "quiet", role: "status" });
    /** Those that are chosen, by id. @type {Map<number, Wire.OperatorSeat>} */
    this.picked = new Map();
    /** The sections of the date that is shown. */
    this.sections = [];
    this.withhold = h("button", { type: "button", "aria-disabled": "true" }, t.keeping.withhold);
    this.giveBack = h("button", { type: "button", "aria-disabled": "true" }, t.keeping.giveBack);
    this.withhold.addEventListener("click", () => this.change(true));
    this.giveBack.addEventListener("click", () => this.change(false));
    this.date.addEventListener("change", () => this.pickDate());
    this.section.addEventListener("change", () => this.look());
    this.element = h(
      "div",
      { class: "lever keeping" },
      h("h3", {}, t.keeping.title),
      h("p", { class: "quiet" }, t.keeping.means),
      h("div", { class: "fields" }, field(t.keeping.date, this.date), field(t.keeping.section, this.section)),
      this.alert,
      this.said.region,
      this.rows,
      this.chosen,
      h("div", { class: "row" }, this.withhold, this.giveBack),
    );
  }

  /** @param {Wire.Sale[]} schedules */
  show(schedules) {
    const listed = schedules.map(({ scheduleId }) => scheduleId).join();
    if (listed === this.listed) return;
    this.listed = listed;
    const before = this.date.value;
    const option = ({ scheduleId, concertTitle, startsAt }) =>
      h("option", { value: String(scheduleId) }, `${concertTitle}, ${startsAt.slice(0, 16).replace("T", " ")} (${scheduleId})`);
    put(this.date, h("option", { value: "" }, t.keeping.choose), schedules.map(option));
    this.date.value = schedules.some(({ scheduleId }) => String(scheduleId) === before) ? before : "";
    if (this.date.value !== before) this.pickDate();
  }

  /** A hall may be a stadium: its seats are listed section by section. */
  async pickDate() {
    put(this.section);
    await this.trying(async () => {
      const date = this.date.value;
      const { sections } = date ? await call("GET", `ops/seats?scheduleId=${date}`) : { sections: [] };
      this.sections = [...new Set(sections.map(({ section }) => section))];
      put(this.section, this.sections.map((name, i) => h("option", { value: String(i) }, name ?? t.keeping.noSection)));
    });
    await this.look();
  }

  /** Lists the seats, and forgets which were chosen. */
  async look() {
    this.picked.clear();
    await this.trying(async () => {
      const [date, section] = [this.date.value, this.sections[Number(this.section.value)]];
      if (!date || section === undefined) return put(this.rows);
      const seats = await call("GET", `schedules/${Number(date)}/seats?${new URLSearchParams(section === null ? {} : { section })}`);
      this.draw(seats.filter((seat) => seat.section === section));
    });
    this.count();
  }

  /** @param {Wire.OperatorSeat[]} seats */
  draw(seats) {
    /** @type {Map<string | null, Wire.OperatorSeat[]>} */
    const rows = Map.groupBy(seats, ({ row }) => row);
    put(
      this.rows,
      [...rows].map(([row, seats]) =>
        h("div", { class: "seat-row" }, h("span", { class: "quiet" }, row ?? ""), h("span", { class: "places" }, seats.map((seat) => this.place(seat)))),
      ),
    );
  }

  /** @param {Wire.OperatorSeat} seat */
  place(seat) {
    const { seatId, status, number, reason } = seat;
    const name = [seat.section, seat.row, number].filter(Boolean).join("-") || String(seatId);
    const words = [name, t.keeping.states[status], reason].filter(Boolean).join(", ");
    const isOpen = status === "AVAILABLE" || status === "WITHHELD";
    const place = h(
      "button",
      { type: "button", class: `place ${status}`, "aria-pressed": "false", "aria-disabled": !isOpen && "true", "aria-label": words, title: words, "data-seat": String(seatId) },
      number ?? String(seatId),
    );
    if (!isOpen) return place;
    place.addEventListener("click", () => {
      const isPicked = !this.picked.delete(seatId);
      if (isPicked) this.picked.set(seatId, seat);
      place.setAttribute("aria-pressed", String(isPicked));
      this.count();
    });
    return place;
  }

  /** The seats that are chosen and are this. */
  those(status) {
    return [...this.picked.values()].filter((seat) => seat.status === status);
  }

  count() {
    const [free, kept] = [this.those("AVAILABLE"), this.those("WITHHELD")];
    say(this.chosen, this.picked.size === 0 ? t.keeping.none : t.keeping.chosen(exact(free.length), exact(kept.length)));
    this.withhold.setAttribute("aria-disabled", String(free.length === 0));
    this.giveBack.setAttribute("aria-disabled", String(kept.length === 0));
  }

  /** @param {boolean} isKept */
  async change(isKept) {
    const seats = this.those(isKept ? "AVAILABLE" : "WITHHELD").slice(0, AT_ONCE_MAX);
    if (seats.length === 0) return;
    const seatIds = seats.map(({ seatId }) => seatId);
    const names = seats.slice(0, 10).map(({ seatId, section, row, number }) => [section, row, number].filter(Boolean).join("-") || String(seatId));
    const named = `${names.join(", ")}${seats.length > names.length ? " …" : ""}`;
    const n = exact(seats.length);
    const schedule = Number(this.date.value);
    const done = await confirmed({
      title: isKept ? t.keeping.withholdAsk(n) : t.keeping.giveBackAsk(n),
      text: `${named}. ${isKept ? t.keeping.withholdMeans : t.keeping.giveBackMeans}`,
      verb: isKept ? t.keeping.withholdVerb : t.keeping.giveBackVerb,
      reason: true,
      act: (reason) => call("POST", isKept ? `schedules/${schedule}/withhold` : `schedules/${schedule}/giveback`, { seatIds, reason }),
    });
    // Refused or not, how the seats are now is seen.
    await this.look();
    if (!done) return;
    this.said.tell(isKept ? t.keeping.withheld(n) : t.keeping.givenBack(n));
    await this.moved();
  }

  /** @param {() => Promise<unknown>} work */
  async trying(work) {
    put(this.alert);
    try {
      await work();
    } catch (error) {
      put(this.alert, error.message);
    }
  }
}
