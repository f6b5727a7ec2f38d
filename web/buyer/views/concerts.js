// What is on sale, and the way into each queue.

import { h, put } from "../../shared/dom.js";
import * as catalog from "../catalog.js";
import { money, t, when } from "../language.js";
import * as queue from "../queue.js";
import { refusal } from "../refusal.js";
import { button, notice } from "../shell.js";

export async function show(root, _, signal) {
  document.title = t.title;
  const { concerts } = await catalog.load();
  const errors = h("div");
  const cards = concerts.map((concert) => card(concert, errors));
  put(root, 
    h("h1", {}, t.home),
    errors,
    concerts.length === 0 && h("p", { class: "quiet" }, t.nothingOnSale),
    h("ul", { class: "cards" }, ...cards.map(({ element }) => element)),
  );
  const draw = () => cards.forEach(({ draw }) => draw());
  queue.watch(draw, signal);
  draw();
}

function card(concert, errors) {
  const prices = concert.schedules.flatMap(({ sections }) => sections.map(({ amountMin }) => amountMin));
  const dates = concert.schedules.map((schedule) =>
    h(
      "li",
      {},
      h("time", { datetime: schedule.startsAt }, when(schedule)),
      h("span", { class: "quiet" }, schedule.saleClosed ? t.saleClosed : t.seats(schedule.totalSeats)),
    ),
  );
  const action = h("div", { class: "action" });
  const element = h(
    "li",
    { class: "card" },
    h("div", { class: `poster poster-${concert.concertId % 6}`, "aria-hidden": "true" }),
    h(
      "div",
      { class: "card-body" },
      h("h2", {}, concert.title),
      prices.length > 0 && h("p", { class: "quiet" }, t.from(money(Math.min(...prices)))),
      h("ul", { class: "dates" }, ...dates),
      action,
    ),
  );
  let drawn = null;
  const draw = () => {
    const status = queue.at(concert.queue)?.place?.status ?? null;
    const place = status === "WAITING" ? queue.at(concert.queue).place.queuePosition : null;
    if (drawn === `${status} ${place}`) return;
    drawn = `${status} ${place}`;
    put(action, ...way(concert, status, place, errors));
  };
  return { element, draw };
}

/** Into the queue, or on to the place that the buyer has there. */
function way(concert, status, place, errors) {
  const address = `#/wait/${encodeURIComponent(concert.queue)}/${concert.concertId}`;
  if (status === "WAITING" || status === "PROGRESS") {
    const text = status === "PROGRESS" ? t.inside : t.inLine(place);
    return [h("a", { class: "button primary", href: address }, t.goOn), h("span", { class: "quiet" }, text)];
  }
  const join = async () => {
    put(errors, );
    try {
      await queue.join(concert.queue, () => notice("busy", navigator.onLine ? t.trying : t.offline));
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
  return [element];
}
