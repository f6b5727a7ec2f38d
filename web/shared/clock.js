// The server's time, from its answers: a phone's own clock may be minutes off. It is the header Date, or, where the server's
// machine has another time than its store, by which holds and sessions end, the header Onsale-Time, in milliseconds.
//
// A Date header is cut to the second, so the server's clock read somewhere in [date, date + 1 s), between our sending
// and our receiving. Each answer therefore bounds the difference from both sides; the bounds of several answers
// together come down to a fraction of a second.

let low = -Infinity;
let high = Infinity;

/** Learns from an answer that was asked for at `sent` and began to arrive at `received` (performance.now). */
export function learn(headers, sent, received) {
  const exact = headers.get("Onsale-Time");
  const time = exact === null ? Date.parse(headers.get("Date") ?? "") : Number(exact);
  if (Number.isNaN(time)) return;
  const least = time - received;
  const most = time + (exact === null ? 1000 : 1) - sent;
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
