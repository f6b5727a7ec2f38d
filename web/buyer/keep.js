// What is kept outside this browser: files, and dates in a calendar, of a ticket and of when a queue opens.

import { now } from "../shared/clock.js";
import { place, t } from "./language.js";

/** Saves a file that is made here. */
export function download(name, type, ...parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The date as an iCalendar file (RFC 5545), in UTC: so it needs no description of the hall's zone, and no summer time
 * moves it.
 * @param {Wire.SeatTicket} ticket
 * @param {string} [endsAt] */
export function calendar(ticket, endsAt) {
  return event([
    `UID:${ticket.paymentId}-${ticket.seatId}@${location.hostname}`,
    `DTSTAMP:${utc(ticket.paidAt)}`,
    `DTSTART:${utc(ticket.startsAt)}`,
    endsAt && `DTEND:${utc(endsAt)}`,
    `SUMMARY:${escaped(ticket.concertTitle)}`,
    `DESCRIPTION:${escaped(place(ticket))}`,
  ]);
}

/** The opening of a queue, with a word ten minutes before it. Whoever saves it again after it was put off has one entry, not two.
 * @param {string} at
 * @param {string} title */
export function reminder(at, title) {
  return event([
    `UID:opening-${encodeURIComponent(title)}@${location.hostname}`,
    `DTSTAMP:${utc(now())}`,
    `DTSTART:${utc(at)}`,
    `SUMMARY:${escaped(t.openingOf(title))}`,
    `URL:${location.origin}${location.pathname}`,
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT10M",
    `DESCRIPTION:${escaped(t.openingOf(title))}`,
    "END:VALARM",
  ]);
}

const utc = (time) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");

function event(fields) {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//onsale//ticket//EN", "BEGIN:VEVENT", ...fields, "END:VEVENT", "END:VCALENDAR"];
  return lines.filter(Boolean).map(folded).join("\r\n") + "\r\n";
}

const escaped = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r\n|\r|\n/g, "\\n");

/** A line has at most 75 bytes; what is more goes on in the next, behind a space. No character is cut. */
function folded(line) {
  const [encoder, lines] = [new TextEncoder(), [""]];
  let bytes = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (bytes + size > 75) {
      lines.push("");
      bytes = 1;
    }
    lines[lines.length - 1] += character;
    bytes += size;
  }
  return lines.join("\r\n ");
}
