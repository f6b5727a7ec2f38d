// The server's time, from the Date header of its answers: a phone's own clock may be minutes off.
//
// A Date header is cut to the second, so the server's clock read somewhere in [date, date + 1 s), between our sending
// and our receiving. Each answer therefore bounds the difference from both sides; the bounds of several answers
// together come down to a fraction of a second.

let low = -Infinity;
let high = Infinity;

/** Learns from an answer that was asked for at `sent` and began to arrive at `received` (performance.now). */
export function learn(dateHeader, sent, received) {
  const date = Date.parse(dateHeader ?? "");
  if (Number.isNaN(date)) return;
  const least = date - received;
  const most = date + 1000 - sent;
  if (least > high || most < low) {
    // One of the clocks was set, or the tab slept: what was known is void.
    [low, high] = [least, most];
  } else {
    [low, high] = [Math.max(low, least), Math.min(high, most)];
  }
}

/** The server's time in milliseconds since the epoch; our own as long as nothing is known. */
export function now() {
  return low === -Infinity ? Date.now() : performance.now() + (low + high) / 2;
}

/** Milliseconds until an RFC 3339 time, by the server's clock; never below 0. */
export function until(time) {
  return Math.max(0, Date.parse(time) - now());
}
