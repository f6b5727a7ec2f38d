// A ticket as a picture, for the gallery or for paper.

import * as catalog from "./catalog.js";
import { download } from "./keep.js";
import { place, when } from "./language.js";
import { squares } from "./qr.js";

const SQUARE_PX = 10;
const LINE_PX = 48;

/** Saves it.
 * @param {Wire.SeatTicket} ticket
 * @param {string} address
 * @param {string} [whom] */
export function picture(ticket, address, whom) {
  const black = [];
  const width = squares(address, (x, y) => black.push([x, y])) * SQUARE_PX;
  const canvas = document.createElement("canvas");
  const zone = catalog.known(ticket.scheduleId)?.zone ?? "";
  const lines = [ticket.concertTitle, when({ startsAt: ticket.startsAt, zone }), place(ticket), whom].filter(Boolean);
  const head = lines.length * LINE_PX + 26;
  [canvas.width, canvas.height] = [width, width + head];
  const c = canvas.getContext("2d");
  c.fillStyle = "#fff";
  c.fillRect(0, 0, canvas.width, canvas.height);
  c.fillStyle = "#000";
  for (const [x, y] of black) c.fillRect(x * SQUARE_PX, y * SQUARE_PX + head, SQUARE_PX, SQUARE_PX);
  c.textAlign = "center";
  lines.forEach((line, i) => {
    c.font = `${i === 0 ? "700 34px" : "28px"} system-ui, "Nanum Gothic", sans-serif`;
    c.fillText(line, width / 2, 55 + i * LINE_PX, width - 80);
  });
  canvas.toBlob((blob) => download(`ticket-${ticket.paymentId}-${ticket.seatId}.png`, "image/png", blob));
}
