/**
 * Buys the best seat that is free: from the queue to the ticket.
 *
 *     node buy.ts http://127.0.0.1:8080 1
 *
 * Node from 22.18 on runs it as it is; before, `tsc` makes JavaScript of it. A server that was started with `--demo` takes users by
 * their number and lets them charge their own wallets; docs/sdk.md has what a shop does in their place.
 */
import { Onsale, Problem } from "@onsale/client";

const [server = "http://127.0.0.1:8080", userId = "1"] = process.argv.slice(2);

const onsale = new Onsale({ server });
const buyer = await onsale.join({ userId: Number(userId) });
await buyer.waitForTurn({ onPlace: ({ queuePosition }) => console.log(`place ${queuePosition}`) });

for (const { scheduleId, concertTitle, startsAt } of await buyer.schedules()) {
  try {
    const hold = await buyer.reserve({ scheduleId, best: { count: 1 } });
    await buyer.charge(hold.amount);
    await buyer.pay(hold.reservationId);
    const [ticket] = await buyer.tickets();
    console.log(`${concertTitle}, ${startsAt}: section ${ticket?.section}, row ${ticket?.row}, seat ${ticket?.number}`);
    console.log(ticket?.ticket);
    break;
  } catch (error) {
    // Another date may have what this one has not.
    if (!(error instanceof Problem && (error.code === "SOLD_OUT" || error.code === "SEATS_TOO_FEW"))) throw error;
    console.log(`${concertTitle}, ${startsAt}: ${error.document.message}`);
  }
}
