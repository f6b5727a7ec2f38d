#!/usr/bin/env node
/**
 * Follows the feed of an onsale store, and keeps seats, payments and accounts of its own in a JSON file.
 *
 *     node follow.mts --server http://127.0.0.1:8080 --key-file admin.key --file mine.json
 *
 * It may be killed at any moment and started again: the file is put in the place of the one before as a whole, once a second, with what events
 * changed and the place behind them, so each counts once. Node from 22.18 on runs it as it is; before, `tsc` makes JavaScript of it.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

type State = "AVAILABLE" | "TEMP_RESERVED" | "RESERVED" | "WITHHELD";
type Seat = { state: State; reservation: number | null };
type Payment = { reservation: number; user: number; amount: number };
/** What is kept: seats by date and number, payments and accounts by theirs, and how many events of each family there were. */
type Mine = {
  cursor: string | null;
  counted: Record<string, number>;
  seats: Record<string, Record<string, Seat>>;
  payments: Record<string, Payment>;
  accounts: Record<string, number>;
};
/** The fields that are used here, of all types of events: docs/feed.md says which has which. */
type Data = {
  scheduleId: number;
  seatIds: number[];
  seatIdRuns: [number, number][];
  reservationId: number;
  paymentId: number;
  userId: number;
  amount: number;
  debit: string;
  credit: string;
};
type Event = { id: string; type: string; sequence: string; data: Data };

const { values: args } = parseArgs({
  options: { server: { type: "string" }, "key-file": { type: "string" }, file: { type: "string" }, once: { type: "boolean" } },
});
const { server, "key-file": keyFile, file, once = false } = args;
if (!server || !keyFile || !file) fail("usage: follow.mts --server URL --key-file FILE --file FILE [--once]");

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

function turn(mine: Mine, { scheduleId, seatIds }: Data, state: State, reservation: number | null = null): void {
  for (const id of seatIds) mine.seats[scheduleId][id] = { state, reservation };
}

/** The seats that a date has now: those it had stay what they are. */
function publish(mine: Mine, { scheduleId, seatIdRuns }: Data): void {
  const [before, now] = [mine.seats[scheduleId] ?? {}, {} as Record<string, Seat>];
  for (const [first, last] of seatIdRuns)
    for (let id = first; id <= last; id++) now[id] = before[id] ?? { state: "AVAILABLE", reservation: null };
  mine.seats[scheduleId] = now;
}

function apply(mine: Mine, { id, type, sequence, data }: Event): void {
  const family = type.split(".")[1];
  const due = (mine.counted[family] ?? 0) + 1;
  if (Number(sequence) !== due)
    fail(`event ${id} is ${family} ${Number(sequence)}, and ${due} was due: what was before is not kept any more; take the state as it is`);
  mine.counted[family] = due;
  if (type === "onsale.schedule.seats_published") publish(mine, data);
  else if (type === "onsale.schedule.removed") delete mine.seats[data.scheduleId];
  else if (type === "onsale.hold.made") turn(mine, data, "TEMP_RESERVED", data.reservationId);
  else if (["lapsed", "cancelled", "released"].includes(type.replace("onsale.hold.", ""))) turn(mine, data, "AVAILABLE");
  else if (type === "onsale.seat.given_back") turn(mine, data, "AVAILABLE");
  else if (type === "onsale.seat.withheld") turn(mine, data, "WITHHELD");
  else if (type === "onsale.payment.made") {
    turn(mine, data, "RESERVED", data.reservationId);
    mine.payments[data.paymentId] = { reservation: data.reservationId, user: data.userId, amount: data.amount };
  } else if (type === "onsale.transfer.made") {
    mine.accounts[data.debit] = (mine.accounts[data.debit] ?? 0) - data.amount;
    mine.accounts[data.credit] = (mine.accounts[data.credit] ?? 0) + data.amount;
  }
}

/** All of it or nothing, also where the power goes. */
function keep(mine: Mine): void {
  const to = openSync(`${file}.new`, "w", 0o600);
  writeSync(to, JSON.stringify(mine));
  fsyncSync(to);
  closeSync(to);
  renameSync(`${file}.new`, file!);
}

const mine: Mine = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : { cursor: null, counted: {}, seats: {}, payments: {}, accounts: {} };
let [kept, keptAt] = [mine.cursor, 0];
for (;;) {
  const wait = once ? "0" : kept === mine.cursor ? "20" : "1";
  const query = new URLSearchParams({ limit: "1000", wait, ...(mine.cursor ? { after: mine.cursor } : {}) });
  const headers = { Authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}` };
  let events: Event[], behind: string | null;
  try {
    const answer = await fetch(`${server}/v1/admin/events?${query}`, { headers, signal: AbortSignal.timeout(60_000) });
    if ((answer.status === 429 || answer.status === 503) && !once) {
      await sleep(1000 * Number(answer.headers.get("Retry-After") ?? 1));
      continue;
    }
    if (!answer.ok) fail(`${file} cannot go on, docs/feed.md says why: ${await answer.text()}`);
    [events, behind] = [(await answer.json()) as Event[], answer.headers.get("Onsale-Feed-Cursor")];
  } catch (away) {
    if (once) fail(String(away));
    await sleep(200);
    continue;
  }
  const isAll = behind === mine.cursor;
  events.forEach((event) => apply(mine, event));
  mine.cursor = behind;
  if (kept !== behind && (isAll || Date.now() - keptAt > 1000)) {
    keep(mine);
    [kept, keptAt] = [behind, Date.now()];
  }
  if (once && isAll) break;
}
