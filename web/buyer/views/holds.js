// Other seats that the buyer holds, each with a clock of its own.

import { until } from "../../shared/clock.js";
import { h, say } from "../../shared/dom.js";
import { t } from "../language.js";

/** The hold that lapses first comes first.
 * @param {Wire.Reservation[]} held */
export const soonest = (held) => [...held].sort((a, b) => Date.parse(a.reservedUntil) - Date.parse(b.reservedUntil));

/** The way to pay a hold, with the time that is left in its words; gone when the time is.
 * @param {Wire.Reservation} hold
 * @param {(left: string) => string} words
 * @param {AbortSignal} signal
 * @param {Attributes} properties */
export function running({ reservationId, reservedUntil }, words, signal, properties) {
  const link = h("a", { href: `#/pay/${reservationId}`, ...properties });
  const draw = () => {
    const left = until(reservedUntil);
    say(link, words(t.clock(left)));
    if (left === 0) (link.parentElement?.replaceChildren(), clearInterval(timer));
  };
  const timer = setInterval(draw, 500);
  signal.addEventListener("abort", () => clearInterval(timer));
  draw();
  return link;
}
