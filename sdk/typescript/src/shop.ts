import { api, unwrap, whole, type Api, type Schemas } from "./api.js";
import { given, type Calling } from "./buyer.js";
import { isPassing } from "./errors.js";
import { pause, TIMEOUT_MILLIS, Transport, type Options } from "./transport.js";

/** Events, and the place behind them: kept in one transaction with what was made of the events, each counts once. */
export type Page = { events: Schemas["CloudEvent"][]; cursor: string };
export type Following = Calling & {
  /** An event's `id`, or a `cursor`: begins behind it. The oldest that is kept, where it is left out. */
  after?: string | null;
  /** Names and families: `["onsale.hold.*", "onsale.payment.made"]`. */
  types?: string[];
  /** How many at a time. */
  limit?: number;
};

/** How long the server holds an empty answer back, in seconds: the longest that it takes. */
const WAIT = 20;

/** What a shop's own server does, with its key. */
export class Shop {
  /** All calls, sent with the key. */
  readonly api: Api;
  readonly #feed: Api;

  constructor(options: Options & { key: string }) {
    const authorization = `Bearer ${options.key}`;
    this.api = api(new Transport(options, authorization));
    const timeoutMillis = (options.timeoutMillis ?? TIMEOUT_MILLIS) + WAIT * 1000;
    this.#feed = api(new Transport({ ...options, timeoutMillis }, authorization));
  }

  /** A place for a user, and the token that opens it: for its owner alone. */
  startBuyer(userId: number, { queue, signal }: Calling & { queue?: string } = {}): Promise<Schemas["Started"]> {
    const path = { id: userId };
    return unwrap(this.api.POST("/v1/admin/users/{id}/token", { params: { path }, body: given({ queue }), ...given({ signal }) }));
  }

  /** Puts money into a wallet: once for the reference, for ever. */
  credit(userId: number, money: Schemas["NewAdjustment"], { signal }: Calling = {}): Promise<Schemas["Adjusted"]> {
    const path = { id: userId };
    return unwrap(this.api.POST("/v1/admin/users/{id}/credit", { params: { path }, body: money, ...given({ signal }) }));
  }

  /** Takes money out of a wallet: once for the reference, for ever. */
  debit(userId: number, money: Schemas["NewAdjustment"], { signal }: Calling = {}): Promise<Schemas["Adjusted"]> {
    const path = { id: userId };
    return unwrap(this.api.POST("/v1/admin/users/{id}/debit", { params: { path }, body: money, ...given({ signal }) }));
  }

  tickets(userId: number, { signal }: Calling = {}): Promise<Schemas["SeatTicket"][]> {
    return unwrap(this.api.GET("/v1/admin/users/{id}/tickets", { params: { path: { id: userId } }, ...given({ signal }) }));
  }

  /** Payments in order, from behind the last number that one has, to the newest that there is now. */
  async *payments({ after = 0, signal }: Calling & { after?: number } = {}): AsyncGenerator<Schemas["MadePayment"], void> {
    for (;;) {
      const query = { after, limit: 1000 };
      const page = await unwrap(this.api.GET("/v1/admin/payments", { params: { query }, ...given({ signal }) }));
      const last = page.at(-1);
      if (!last) return;
      yield* page;
      after = last.paymentId;
    }
  }

  /** What happens, event by event and without an end. An event's `id` is the place behind it. */
  async *events(following: Following = {}): AsyncGenerator<Schemas["CloudEvent"], void> {
    for await (const { events } of this.eventPages(following)) yield* events;
  }

  /** The same by the page, through a server that is away, too. A page may be empty: its cursor is behind events of other types. */
  async *eventPages({ after = null, types, limit, signal }: Following = {}): AsyncGenerator<Page, void> {
    let cursor = after;
    for (let failures = 0; ; ) {
      const query = given({ after: cursor ?? undefined, types: types?.join(","), limit, wait: WAIT });
      try {
        const { data, response } = await whole(this.#feed.GET("/v1/admin/events", { params: { query }, ...given({ signal }) }));
        failures = 0;
        const next = response.headers.get("Onsale-Feed-Cursor");
        if (next === null || next === cursor) continue;
        cursor = next;
        yield { events: data, cursor };
      } catch (error) {
        if (!isPassing(error)) throw error;
        await pause(failures++, signal);
      }
    }
  }
}
