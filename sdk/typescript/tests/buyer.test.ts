import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Onsale, Problem, Shop, solve, TurnOver, unwrap, type Place, type ProblemCode } from "@onsale/client";
import { ADMIN_KEY, Line, Server } from "./server.js";

let server: Server;
let onsale: Onsale;
let shop: Shop;

before(async () => {
  // Four writes at once are enough for a purchase: whoever makes more is told to wait a second.
  server = await Server.start({ "rate.user_per_minute": 60, "rate.user_burst": 4, "http.streams_max": 1, "queue.waiting_ttl": "3s" });
  onsale = new Onsale({ server: server.url });
  shop = new Shop({ server: server.url, key: ADMIN_KEY });
});
after(() => server?.close());

/** A queue that lets in one at a time, with somebody inside. */
async function narrow(queue: string) {
  await unwrap(shop.api.POST("/v1/admin/queues", { body: { queue } }));
  await unwrap(shop.api.PATCH("/v1/admin/queues/{name}", { params: { path: { name: queue } }, body: { activeLimit: 1 } }));
  return onsale.join({ userId: 1000, queue });
}

/** What is asked for, and when. */
function logging() {
  const asked: { at: number; path: string }[] = [];
  const log = (request: Request) => {
    asked.push({ at: Date.now(), path: new URL(request.url).pathname });
    return fetch(request);
  };
  return { asked, log };
}

test("a refusal is a Problem, with its code, its status and the field that was wrong", async () => {
  const buyer = await onsale.join({ userId: 1 });
  const refused = await buyer.reserve({ scheduleId: 1, seatId: 0 }).catch((error: unknown) => error);
  assert.ok(refused instanceof Problem);
  assert.deepEqual([refused.code, refused.status, refused.field], ["BAD_REQUEST", 400, "seatId"]);
  // @ts-expect-error: no refusal has this code, and the compiler knows.
  const none: ProblemCode = "SEAT_TAKEN";
  assert.notEqual(refused.code, none);
  const stranger = onsale.buyer("no.token.of-ours");
  await assert.rejects(stranger.balance(), { code: "TOKEN_INVALID", status: 401 });
});

test("who writes too often is refused with the seconds to wait, and by itself waits and comes again", async () => {
  const hasty = new Onsale({ server: server.url, retry: { attempts: 1 } });
  const { token } = await onsale.join({ userId: 2 });
  const buyer = hasty.buyer(token);
  let refused: unknown;
  for (let done = 0; !refused && done < 100; done++) refused = await buyer.charge(1).then(() => undefined, (error: unknown) => error);
  assert.ok(refused instanceof Problem);
  assert.deepEqual([refused.code, refused.status], ["RATE_LIMITED", 429]);
  assert.ok(refused.retryAfter! >= 1);
  const before = await buyer.balance();
  assert.equal(await onsale.buyer(token).charge(1), before + 1);
});

test("a payment whose answer was lost is made once, and told", async () => {
  const line = await Line.to(server.url);
  try {
    const buyer = await new Onsale({ server: line.url }).join({ userId: 3 });
    const hold = await buyer.reserve({ scheduleId: 1, best: { count: 1 } });
    await buyer.charge(hold.amount + 7);
    line.loseNextAnswerTo("/v1/api/concerts/payment");
    const paid = await buyer.pay(hold.reservationId);
    assert.equal(line.losses, 1);
    assert.equal(paid.paymentAmount, hold.amount);
    assert.equal(await buyer.balance(), 7);
    const payments = [];
    for await (const payment of shop.payments()) if (payment.userId === 3) payments.push(payment.paymentId);
    assert.deepEqual(payments, [paid.paymentId]);
    // Whoever comes with another key is somebody else's second click.
    await assert.rejects(buyer.pay(hold.reservationId), { code: "ALREADY_PAID", status: 409 });
  } finally {
    line.close();
  }
});

test("a call that nothing makes safe to repeat is sent once", async () => {
  const line = await Line.to(server.url);
  try {
    const buyer = await new Onsale({ server: line.url }).join({ userId: 4 });
    line.loseNextAnswerTo("/v1/api/queue/token/leave");
    await assert.rejects(buyer.leave(), { name: "NoAnswer" });
    assert.equal((await buyer.check()).status, "DONE");
  } finally {
    line.close();
  }
});

test("a turn comes by the stream, and each place is told", async () => {
  const inside = await narrow("by-stream");
  const { asked, log } = logging();
  const buyer = await new Onsale({ server: server.url, fetch: log }).join({ userId: 5, queue: "by-stream" });
  const told: Place[] = [];
  const turn = buyer.waitForTurn({
    onPlace: (place) => {
      // Whoever is inside leaves when we are known to wait.
      if (told.push(place) === 1) void inside.leave();
    },
  });
  assert.equal((await turn).status, "PROGRESS");
  assert.deepEqual([told[0]?.status, told[0]?.queuePosition, told.at(-1)?.status], ["WAITING", 1, "PROGRESS"]);
  assert.deepEqual(asked.map(({ path }) => path), ["/v1/api/queue/token", "/v1/api/queue/stream"]);
});

test("where there is no stream the place is asked for, and never before the server wants it", async () => {
  const inside = await narrow("by-polls");
  const { asked, log } = logging();
  const { token } = await onsale.join({ userId: 6, queue: "by-polls" });
  const first = await onsale.buyer(token).check();
  // The only stream that there is: somebody else has it.
  const end = new AbortController();
  const taken = await fetch(`${server.url}/v1/api/queue/stream`, { headers: { Authorization: inside.token }, signal: end.signal });
  assert.equal(taken.status, 200);
  const buyer = new Onsale({ server: server.url, fetch: log }).buyer(token);
  const told: { at: number; place: Place }[] = [{ at: Date.now(), place: first }];
  await buyer.waitForTurn({
    onPlace: (place) => {
      if (told.push({ at: Date.now(), place }) === 3) void inside.leave();
    },
  });
  end.abort();
  assert.equal(asked.shift()?.path, "/v1/api/queue/stream");
  assert.ok(asked.length >= 3 && asked.every(({ path }) => path === "/v1/api/queue/token/check"));
  // The first of ours could know nothing of the one before.
  for (const [index, { at }] of asked.entries()) {
    const before = told[index]!;
    if (index > 0) assert.ok(at - before.at >= before.place.pollAfterMillis!, `poll ${index}: ${at - before.at} ms`);
  }
});

test("who waits no longer than they want keeps the place", async () => {
  await narrow("no-patience");
  const buyer = await onsale.join({ userId: 10, queue: "no-patience" });
  for (const stream of [true, false]) {
    const end = new AbortController();
    const waiting = buyer.waitForTurn({ stream, signal: end.signal });
    setTimeout(() => end.abort(new Error("enough")), 100);
    await assert.rejects(waiting, { message: "enough" });
  }
  const onPlace = ({ queuePosition }: Place) => {
    throw new Error(`enough of place ${queuePosition}`);
  };
  await assert.rejects(buyer.waitForTurn({ onPlace }), { message: "enough of place 1" });
  assert.equal((await buyer.check()).queuePosition, 1);
});

test("whoever has left has nothing to wait for", async () => {
  const buyer = await onsale.join({ userId: 7 });
  await buyer.leave();
  for (const stream of [true, false])
    await assert.rejects(onsale.buyer(buyer.token).waitForTurn({ stream }), (error) => error instanceof TurnOver && error.place.status === "DONE");
});

test("a shop starts buyers, moves their money once for a reference, and follows what happens", async () => {
  const { queueToken } = await shop.startBuyer(8);
  const money = { amount: 50_000, reference: "payment-4711" };
  assert.deepEqual([(await shop.credit(8, money)).replayed, (await shop.credit(8, money)).replayed], [false, true]);
  assert.equal((await shop.debit(8, { amount: 1, reference: "fee-4711" })).balance, 49_999);
  await assert.rejects(shop.credit(8, { ...money, amount: 1 }), { code: "REFERENCE_REUSED" });
  assert.equal(await onsale.buyer(queueToken).balance(), 49_999);
  const references: unknown[] = [];
  for await (const { data } of shop.events({ types: ["onsale.transfer.made"], limit: 1 })) {
    if ("reference" in data && data.reference) references.push(data.reference);
    if (references.length === 2) break;
  }
  assert.deepEqual(references, ["payment-4711", "fee-4711"]);
  await assert.rejects(shop.eventPages({ after: "nonsense" }).next(), { code: "BAD_REQUEST", field: "after" });
});

test("what is going on while the server hangs, or dies, is done once when it is back", async () => {
  let attempts = 0;
  let second = () => {};
  const counting = (request: Request) => {
    if (++attempts === 2) second();
    return fetch(request);
  };
  const buyer = await new Onsale({ server: server.url, timeoutMillis: 300, fetch: counting }).join({ userId: 9 });
  let balance = 0;
  for (const [stop, goOn] of [
    [() => server.pause(), () => server.goOn()],
    [() => server.kill(), () => server.start()],
  ] as const) {
    await stop();
    attempts = 0;
    const triedAgain = new Promise<void>((resolve) => (second = resolve));
    const charged = buyer.charge(11);
    await triedAgain;
    await goOn();
    assert.equal(await charged, (balance += 11));
  }
  assert.equal((await buyer.waitForTurn()).status, "PROGRESS");
});

test("the work that a queue asks for is done by itself, and for one person", async () => {
  await unwrap(shop.api.POST("/v1/admin/queues", { body: { queue: "work" } }));
  await unwrap(shop.api.PATCH("/v1/admin/queues/{name}", { params: { path: { name: "work" } }, body: { proofBits: 10 } }));
  const bodies: { proof?: string }[] = [];
  const log = async (request: Request) => {
    const body = await request.clone().text();
    if (body) bodies.push(JSON.parse(body) as { proof?: string });
    return fetch(request);
  };
  const buyer = await new Onsale({ server: server.url, fetch: log }).join({ userId: 61, queue: "work" });
  assert.equal((await buyer.check()).status, "PROGRESS");
  const { proof } = bodies[1]!;
  const refused = onsale.api.POST("/v1/api/queue/token", { body: { userId: 62, queue: "work", proof: proof! } });
  await assert.rejects(unwrap(refused), { code: "PROOF_REQUIRED", status: 403 });
  assert.equal(await solve({ challenge: "5986667.abc", bits: 12, validUntil: "" }, "41"), "5986667.abc.4003");
});
