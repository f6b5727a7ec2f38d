// A refusal as the buyer sees it: the server's sentence, and the next step to take.

import { Refused, Unreachable } from "../shared/api.js";
import { h } from "../shared/dom.js";
import { t } from "./language.js";

/** Where each code leads, as `[label, address]`. */
const NEXT = {
  NOT_ADMITTED: () => [t.goOn, "#/"],
  SESSION_EXPIRED: () => [t.again, "#/"],
  SESSION_DONE: () => [t.again, "#/"],
  TOKEN_MISSING: () => [t.join, "#/"],
  TOKEN_INVALID: () => [t.join, "#/"],
  QUEUE_NOT_FOUND: () => [t.home, "#/"],
  QUEUE_CLOSED: () => [t.home, "#/"],
  QUEUE_NOT_YET_OPEN: () => [t.home, "#/"],
  QUEUE_OVER: () => [t.home, "#/"],
  CODE_REQUIRED: () => [t.home, "#/"],
  SCHEDULE_NOT_FOUND: () => [t.home, "#/"],
  SEAT_NOT_FOUND: () => [t.home, "#/"],
  SALE_CLOSED: () => [t.otherDates, "#/"],
  SALE_NOT_YET_OPEN: () => [t.otherDates, "#/"],
  SALE_OVER: () => [t.otherDates, "#/"],
  SOLD_OUT: () => [t.otherDates, "#/"],
  HOLD_LIMIT_REACHED: () => [t.goHeld, "#/mine"],
  RESERVATION_NOT_FOUND: () => [t.mine, "#/mine"],
  RESERVATION_CANCELLED: () => [t.mine, "#/mine"],
  HOLD_EXPIRED: () => [t.mine, "#/mine"],
  ALREADY_PAID: () => [t.showTicket, "#/mine"],
};

/** The elements that tell of an error. `text` and `next` replace what it says and where the code leads; `retry` is
 * offered where it makes sense.
 * @param {any} error
 * @param {{ text?: string, next?: string[], retry?: () => unknown }} options */
export function refusal(error, { text, next, retry } = {}) {
  const known = error instanceof Refused;
  const away = error instanceof Unreachable;
  if (!known && !away) console.error(error);
  const said = text ?? (error.isForeign ? t.blocked : known ? error.message : away ? t.offline : t.broken);
  const [label, address] = next ?? (known ? NEXT[error.code]?.() : null) ?? [];
  return [
    h(
      "div",
      { class: "refusal", role: "alert" },
      h("p", {}, said),
      h(
        "div",
        { class: "row" },
        label && h("a", { class: "button", href: address }, label),
        !label && retry && h("button", { onclick: retry }, t.retry),
      ),
    ),
  ];
}
