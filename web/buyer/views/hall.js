// The seat map of a date: sections, then seats, then a hold.

import { Refused } from "../../shared/api.js";
import { h, put, renew, say } from "../../shared/dom.js";
import * as booking from "../booking.js";
import * as catalog from "../catalog.js";
import { hour, place, price, t, when } from "../language.js";
import { Canvas } from "../map/canvas.js";
import { listen } from "../map/gestures.js";
import { layout, within } from "../map/layout.js";
import { list } from "../map/list.js";
import { Prices } from "../map/prices.js";
import { Seats } from "../map/seats.js";
import * as queue from "../queue.js";
import * as shop from "../shop.js";
import { refusal } from "../refusal.js";
import * as sale from "../sale.js";
import { button, notice, trying } from "../shell.js";
import * as store from "../store.js";
import { Areas } from "./areas.js";
import { Choice } from "./choice.js";
import { isPlace } from "../prices.js";
import { keepSeat } from "./names.js";
import { Together } from "./together.js";

const REFRESH_MS = 2_000;

export async function show(root, [id], signal) {
  const schedule = await catalog.schedule(id);
  if (signal.aborted) return;
  if (!schedule) return put(root, h("h1", {}, t.unknownPage), h("a", { href: "#/" }, t.home));
  const token = store.token(schedule.concert.queue);
  if (!token) return outside(root, schedule);
  const view = new Hall(schedule, token, signal);
  put(root, view.element);
  document.title = `${schedule.concert.title} · ${t.title}`;
  await view.run();
}

/** Whoever opens a link to a hall has no place yet, and takes none unasked.
 * @param {HTMLElement} root
 * @param {KnownSchedule} schedule */
function outside(root, schedule) {
  const { queue, concertId, title } = schedule.concert;
  document.title = `${title} · ${t.title}`;
  put(root,
    h("h1", {}, title),
    h("p", { class: "quiet" }, when(schedule)),
    h("p", {}, t.joinFirst),
    h("p", {}, shop.isJoinOpen()
      ? h("a", { class: "button primary", "data-test": "join", href: `#/wait/${encodeURIComponent(queue)}/${concertId}` }, t.join)
      : h("a", { class: "button primary", href: shop.home() }, t.joinAtShop(shop.name()))),
  );
}

class Hall {
  /**
   * @param {KnownSchedule} schedule
   * @param {string} token
   * @param {AbortSignal} signal
   */
  constructor(schedule, token, signal) {
    const sitting = schedule.sections.filter(({ standing }) => !standing);
    const standing = schedule.sections.filter(({ standing }) => standing);
    const sections = sitting.map(({ section, ...rest }) => ({ name: section, ...rest }));
    this.schedule = schedule;
    this.token = token;
    this.signal = signal;
    this.hall = layout(sections);
    this.prices = new Prices();
    this.prices.learn(sections.flatMap(({ amountMin, amountMax }) => [amountMin, amountMax]));
    this.seats = new Seats(schedule.scheduleId, this.hall.sections, token, standing.length > 0);
    this.section = sections.length === 1 ? (sections[0].name ?? "") : null;
    this.choice = new Choice(schedule, this.seats, { hold: () => this.hold(), toggle: (seat) => this.choose(seat), stands: () => this.areas.draw() });
    this.areas = new Areas(schedule, standing, this.seats, this.choice);
    this.together = new Together(schedule.priceTypes ?? [], (count) => this.find(count, "required"));
    const last = [...this.choice.seats.values()].at(-1);
    if (last) this.section = last.section ?? "";
    this.hasPlaces = false;
    /** @type {Set<number>} */
    this.mine = new Set();
    this.build();
  }

  build() {
    const { concert } = this.schedule;
    this.surface = h("canvas", { class: "map", "aria-hidden": "true" });
    this.canvas = new Canvas(this.surface, this.hall, this.seats, this.prices);
    this.canvas.words.stage = t.stage;
    this.canvas.mine = this.mine;
    this.canvas.chosen = this.choice.seats;
    this.where = h("p", { class: "where", "aria-hidden": "true", hidden: true });
    this.legend = h("p", { class: "legend", "aria-hidden": "true" }, ...["taken", "chosen"].map(legend));
    this.bands = h("ul", { class: "prices", "aria-label": t.priceFilter });
    this.drawPrices();
    this.chips = h("ul", { class: "chips" });
    this.listed = h("div", { class: "listed" });
    this.details = h("details", { class: "panel" }, h("summary", {}, t.list), this.listed);
    this.details.addEventListener("toggle", () => this.drawList());
    // Where nobody sits there is nothing to draw.
    const isFlat = this.hall.sections.length === 0;
    const tool = (text, label, work) => h("button", { type: "button", "aria-label": label, onclick: work }, text);
    this.element = h(
      "div",
      { class: "hall" },
      h("h1", {}, concert.title),
      h("p", { class: "quiet" }, when(this.schedule)),
      h(
        "div",
        { class: "map-frame", hidden: isFlat },
        this.surface,
        h(
          "div",
          { class: "map-tools", role: "group", "aria-label": t.map },
          tool("+", t.zoomIn, () => this.zoom(1.6)),
          tool("−", t.zoomOut, () => this.zoom(1 / 1.6)),
          tool("⤢", t.zoomFit, () => (this.canvas.show(this.hall.bounds), this.looked())),
        ),
        this.where,
        this.legend,
      ),
      this.bands,
      h("nav", { "aria-label": t.sections, hidden: isFlat }, this.chips),
      this.together.element,
      this.areas.element,
      this.details,
      this.choice.element,
    );
    this.details.hidden = isFlat;
    this.areas.draw();
    listen(this.surface, this.canvas, { tapped: (x, y) => this.tap(x, y), moved: () => this.looked() });
    this.signal.addEventListener("abort", () => this.canvas.close());
  }

  /** Which colour is which price; with several, a way to see one alone. */
  drawPrices() {
    const { bands } = this.prices;
    const range = ({ least, most }) => (least === most ? price(most) : `${price(least)} – ${price(most)}`);
    const words = (band) => [...this.prices.categories(band), range(band)].join(" · ");
    const only = (color) => () => {
      this.canvas.only = this.canvas.only === color ? null : color;
      this.drawPrices();
      this.drawChips();
      this.canvas.draw();
    };
    const band = (band) =>
      bands.length === 1
        ? h("span", { class: `price tier-${band.color}` }, words(band))
        : h(
            "button",
            {
              type: "button",
              class: `price tier-${band.color}`,
              "data-test": `price-${band.color}`,
              "aria-pressed": String(this.canvas.only === band.color),
              onclick: only(band.color),
            },
            words(band),
          );
    const places = () => {
      this.canvas.placesOnly = !this.canvas.placesOnly;
      this.drawPrices();
      this.canvas.draw();
    };
    const filter = this.hasPlaces && h(
      "button",
      { type: "button", class: "price", "data-test": "places", "aria-pressed": String(this.canvas.placesOnly), onclick: places },
      t.places,
    );
    renew(this.bands, ...bands.map((one) => h("li", {}, band(one))), filter && h("li", {}, filter));
  }

  /** Whether a section has seats of the price that is looked for. */
  isWanted({ amountMin, amountMax }) {
    const { only } = this.canvas;
    return only === null || (this.prices.color(amountMax) <= only && only <= this.prices.color(amountMin));
  }

  zoom(factor) {
    this.canvas.zoom(factor);
    this.looked();
  }

  /** Keeps the hall as it is now on the screen, until the view is left. */
  async run() {
    this.choice.draw();
    sale.seatsPerHold().then((most) => this.offer(most)).catch(() => {});
    await this.loadMine();
    while (!this.signal.aborted) {
      try {
        this.looked(false);
        if (await this.seats.refresh(this.signal)) this.changed();
        notice("busy", null);
      } catch (error) {
        if (this.signal.aborted) return;
        if (error instanceof Refused && !error.isOpen) return this.end(error);
        trying();
      }
      await this.pause(REFRESH_MS * (0.75 + Math.random() * 0.5));
    }
  }

  /** @param {number} most how many seats may be held at once */
  offer(most) {
    this.choice.most = most;
    this.together.offer(most);
    this.drawTogether();
  }

  /** Where seats are looked for, null where a section is to be chosen first: in a large hall that is where the prices are. */
  drawTogether() {
    const isAnywhere = this.hall.sections.length > 0 && (this.seats.whole || this.seats.always);
    this.together.draw(this.section ?? (isAnywhere ? "" : null));
  }

  /** Waits, or less long where something new is looked at. */
  pause(ms) {
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.wake = () => resolve();
      setTimeout(resolve, document.visibilityState === "visible" ? ms : ms * 5);
      this.signal.addEventListener("abort", () => resolve());
    }));
  }

  /** The queue lets nobody in here any more. */
  end(error) {
    const { queue, concertId } = this.schedule.concert;
    const inside = error.code === "SCHEDULE_NOT_FOUND" ? undefined : [t.goOn, `#/wait/${encodeURIComponent(queue)}/${concertId}`];
    put(this.element, h("h1", {}, this.schedule.concert.title), ...refusal(error, { next: inside }));
  }

  async loadMine() {
    const held = await booking.reservations(this.token, this.signal).catch(() => []);
    this.mine.clear();
    put(this.legend, ...["taken", "chosen", ...(this.hasPlaces ? ["place"] : [])].map(legend));
    for (const { scheduleId, seatIds, status, reservationId, reservedUntil } of held) {
      if (scheduleId !== this.schedule.scheduleId || !["TEMP_RESERVED", "RESERVED"].includes(status)) continue;
      if (this.mine.size === 0) this.legend.append(legend("mine"));
      for (const seat of seatIds) this.mine.add(seat);
      if (status === "TEMP_RESERVED") {
        const until = hour(reservedUntil);
        notice("held", h("a", { href: `#/pay/${reservationId}` }, t.goMine(seatIds.length, until)));
      }
    }
    this.signal.addEventListener("abort", () => notice("held", null));
  }

  looked(now = true) {
    const seen = this.canvas.width ? this.canvas.inSight() : [];
    const near = seen.filter(({ spanX, spanY }) => Math.min(spanX, spanY) * this.canvas.view.scale > 90);
    const close = near.map(({ name }) => name ?? "");
    this.where.hidden = this.canvas.isWhole || !near[0]?.name;
    if (near[0]?.name) say(this.where, t.section(near[0].name));
    this.seats.look([...new Set([this.section, ...close].filter((name) => name !== null))]);
    if (now && close.some((name) => !this.seats.placed.has(name))) this.wake?.();
  }

  changed() {
    const lost = this.choice.renew();
    // What is just being held is answered by the server.
    if (lost.length > 0 && !this.holding) this.choice.lose(lost);
    const seats = [...this.seats.byId.values()];
    const hasPlaces = this.hasPlaces || seats.some(isPlace);
    const isNew = hasPlaces !== this.hasPlaces;
    this.hasPlaces = hasPlaces;
    if (isNew) {
      this.together.offerPlaces();
      this.legend.append(legend("place"));
    }
    if ([this.prices.learn(seats.map(({ amount }) => amount)), this.prices.name(seats), isNew].some(Boolean)) this.drawPrices();
    this.canvas.draw();
    this.areas.draw();
    this.drawChips();
    this.drawList();
  }

  tap(x, y) {
    const section = this.hall.sections.find(({ outline }) => within(outline, x, y));
    if (!section) return;
    if (!this.canvas.details(section)) return this.enter(section.name ?? "");
    const { seats, pitch } = this.seats.placed.get(section.name ?? "");
    const [near, distance] = nearest(seats, x, y);
    // A finger is wider than a seat: where seats are small, the first tap comes nearer.
    if (pitch * this.canvas.view.scale < 11) return this.canvas.zoom(2.2, ...this.pixel(x, y)), this.looked();
    if (near && distance < pitch) this.choose(near);
  }

  pixel(x, y) {
    const { view, width, height } = this.canvas;
    return [(x - view.x) * view.scale + width / 2, (y - view.y) * view.scale + height / 2];
  }

  enter(name) {
    this.section = name;
    this.canvas.showSection(name);
    this.looked();
    this.drawChips();
    this.drawTogether();
    this.drawList();
    const chip = this.chips.querySelector('[aria-pressed="true"]');
    if (chip) this.chips.scrollLeft += chip.getBoundingClientRect().left - this.chips.getBoundingClientRect().left - 8;
  }

  /** Adds a seat to what is chosen, or takes it off.
   * @param {PlacedSeat} seat */
  choose(seat) {
    // What is just being asked for is not changed under the question.
    if (this.holding) return;
    const isChosen = this.choice.seats.has(seat.seatId);
    if (!isChosen && this.mine.has(seat.seatId)) return;
    if (!isChosen && seat.seatStatus !== "AVAILABLE") return this.choice.lose([seat]);
    this.section = seat.section ?? "";
    this.choice.toggle(seat);
    this.drawTogether();
    this.canvas.draw();
    this.drawList();
  }

  drawChips() {
    const signature = JSON.stringify([this.section, this.canvas.only, this.prices.bands.length, ...this.seats.free]);
    if (signature === this.chipsDrawn) return;
    this.chipsDrawn = signature;
    const focused = this.chips.contains(document.activeElement) ? document.activeElement.getAttribute("data-name") : null;
    const chip = ({ name, amountMin, amountMax }) => {
      const free = this.seats.free.get(name ?? "");
      const left = free === undefined ? "" : free === 0 ? t.soldOut : t.leftShort(free);
      return h(
        "button",
        {
          type: "button",
          class: `chip tier-${this.prices.color(amountMax)}`,
          "data-name": name ?? "",
          "aria-pressed": String(this.section === (name ?? "")),
          onclick: () => this.enter(name ?? ""),
        },
        h("strong", {}, t.section(name)),
        h("span", {}, price(amountMin)),
        h("span", {}, left),
      );
    };
    const order = this.schedule.sections.flatMap(({ section }) => this.seats.sections.get(section ?? "") ?? []);
    put(this.chips, ...order.filter((section) => this.isWanted(section)).map((section) => h("li", {}, chip(section))));
    if (focused === null) return;
    /** @type {HTMLElement | null} */
    const again = this.chips.querySelector(`[data-name="${CSS.escape(focused)}"]`);
    again?.focus();
  }

  drawList() {
    if (!this.details.open) return;
    const placed = this.seats.placed.get(this.section);
    if (!placed) return put(this.listed, h("p", { class: "quiet" }, this.section === null ? t.pick : t.loading));
    list(this.listed, this.seats.sections.get(this.section), placed, this.mine, this.choice.seats, (seat) => this.choose(seat));
  }

  async hold() {
    const { lines } = this.choice;
    const chosen = [...this.choice.seats.values()];
    const { scheduleId, sections } = this.schedule;
    const standing = [...this.choice.areas.values()].map(({ section: areaId, priceType, quantity }) => ({ number: sections.findIndex(({ section }) => section === areaId), areaId, priceType, quantity }));
    this.holding = true;
    try {
      const { reservationId, seats } = await booking.hold(scheduleId, lines, standing, this.token, trying);
      this.stood(standing, (seats ?? []).slice(lines.length));
      this.held(chosen, reservationId);
    } catch (error) {
      await this.refused(error, chosen);
    } finally {
      this.holding = false;
      notice("busy", null);
    }
  }

  /** Holds seats that the engine finds.
   * @param {number} count
   * @param {"required" | "preferred"} together */
  async find(count, together) {
    if (this.holding) return;
    const { scheduleId, sections } = this.schedule;
    const at = sections.findIndex(({ section }) => section && section === this.section);
    const where = at < 0 ? {} : { section: sections[at].section };
    this.holding = true;
    try {
      const { reservationId, seats } = await booking.holdBest(scheduleId, { count, together, ...where, ...this.together.wish(count) }, at, this.token, trying);
      const known = (seats ?? []).flatMap(({ seatId }) => this.seats.byId.get(seatId) ?? []);
      this.held(known, reservationId);
    } catch (error) {
      this.notFound(error, count, together);
    } finally {
      this.holding = false;
      notice("busy", null);
    }
  }

  notFound(error, count, together) {
    if (error.code !== "SEATS_NOT_TOGETHER" || this.together.places > 0) return this.stopped(error, () => this.find(count, together));
    const apart = button(t.apart(count), t.finding, () => this.find(count, "preferred"));
    apart.dataset.test = "apart";
    this.choice.draw(...refusal(error), apart);
  }

  /** Keeps what the places are called that were held: they come in the order of their areas. */
  stood(standing, places) {
    const names = standing.flatMap(({ areaId, quantity }) => Array(quantity).fill(areaId));
    places.forEach(({ seatId }, i) => keepSeat(this.schedule.scheduleId, { seatId, section: names[i], standing: true }));
    this.choice.areas.clear();
  }

  held(chosen, reservationId) {
    for (const seat of chosen) {
      keepSeat(this.schedule.scheduleId, seat);
      this.choice.seats.delete(seat.seatId);
      this.choice.types.delete(seat.seatId);
    }
    if (!this.signal.aborted) location.hash = `#/pay/${reservationId}`;
  }

  async refused(error, chosen) {
    const own = await this.own(chosen);
    if (own) return this.held(chosen, own);
    if (error.code === "SEAT_NOT_AVAILABLE") return this.lost(error, chosen);
    if (error.code === "AREA_TOO_FEW") return this.fewer(error);
    if (error.code === "SEAT_LEFT_ALONE") return this.leftAlone(error);
    this.stopped(error, () => this.hold());
  }

  /** Areas have fewer places: what is left of them stays chosen. */
  fewer(error) {
    for (const { areaId, left } of error.areas ?? []) {
      this.seats.free.set(areaId, left);
      this.choice.leave(areaId, left);
    }
    this.choice.draw(...refusal(error));
  }

  /** The choice would leave single seats: each can be taken as well, or instead of the one at the other end. */
  leftAlone(error) {
    const { seats, most } = this.choice;
    const ways = (error.seatIds ?? []).flatMap((id) => {
      const single = this.seats.byId.get(id);
      if (!single) return [];
      const end = this.seats.givenUpFor(single, seats);
      const instead = () => (this.choose(end), this.choose(single));
      return [
        this.choice.size < most && h("button", { type: "button", "data-test": "take-too", onclick: () => this.choose(single) }, t.takeToo(place(single))),
        end && h("button", { type: "button", "data-test": "instead", onclick: instead }, t.insteadOf(place(single), place(end))),
      ];
    });
    this.choice.draw(...refusal(error), h("div", { class: "row" }, ...ways));
  }

  /** Nothing was held, and says what to do now. */
  stopped(error, retry) {
    const { queue: name, concertId } = this.schedule.concert;
    const gate = `#/wait/${encodeURIComponent(name)}/${concertId}`;
    const next = { SOLD_OUT: [t.otherDates, gate], SALE_CLOSED: [t.otherDates, gate], SALE_NOT_YET_OPEN: [t.otherDates, gate], SALE_OVER: [t.otherDates, gate], NOT_ADMITTED: [t.goOn, gate],
      SESSION_EXPIRED: [t.goOn, gate], SESSION_DONE: [t.goOn, gate] }[error.code];
    if (error.code?.startsWith("SESSION")) queue.refresh(name).catch(() => {});
    this.choice.draw(...refusal(error, { next, retry }));
  }

  /** Some of the seats went to somebody else, of one seat that one: the others stay chosen. */
  async lost(error, chosen) {
    await Promise.all([this.seats.refresh(this.signal).catch(() => {}), this.loadMine()]);
    const gone = new Set(error.seatIds ?? chosen.map(({ seatId }) => seatId));
    this.changed();
    // What another tab holds already is nobody else's.
    for (const seatId of this.mine) this.choice.seats.delete(seatId);
    this.choice.lose(chosen.filter(({ seatId }) => gone.has(seatId) && !this.mine.has(seatId)));
    this.canvas.draw();
    this.drawList();
  }

  /** The reservation by which the buyer holds these seats already: another tab was faster. */
  async own(chosen) {
    // Places to stand have no name by which another tab's could be known.
    if (chosen.length === 0 || this.choice.areas.size > 0) return undefined;
    const all = await booking.reservations(this.token, this.signal).catch(() => []);
    const own = all.find(
      ({ scheduleId, seatIds, status }) =>
        scheduleId === this.schedule.scheduleId && status === "TEMP_RESERVED" && chosen.every(({ seatId }) => seatIds.includes(seatId)),
    );
    return own?.reservationId;
  }
}

function legend(kind) {
  const text = { taken: t.legendTaken, chosen: t.legendChosen, mine: t.legendMine, place: t.attributes.wheelchair }[kind];
  return h("span", { class: `key key-${kind}` }, text);
}

function nearest(seats, x, y) {
  let [best, least] = [null, Infinity];
  for (const seat of seats) {
    const distance = Math.hypot(seat.x - x, seat.y - y);
    if (distance < least) [best, least] = [seat, distance];
  }
  return [best, least];
}

