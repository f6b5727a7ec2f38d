import { api, unwrap, type Api, type Schemas } from "./api.js";
import { isPassing, TurnOver } from "./errors.js";
import { places, type Place } from "./place.js";
import { pause, sleep, type Transport } from "./transport.js";

/** A call that is done once however often it is sent. A key of one's own, kept, makes that hold over restarts of one's program too. */
export type Once = { idempotencyKey?: string; signal?: AbortSignal };
export type Calling = { signal?: AbortSignal };
export type Waiting = Calling & {
  /** Is told each place that is heard of. */
  onPlace?: (place: Place) => void;
  /** Whether to ask for a stream, and poll only where there is none. */
  stream?: boolean;
};

/** Somebody with a place in a queue. */
export class Buyer {
  readonly token: string;
  /** All calls, sent with this buyer's token. */
  readonly api: Api;
  readonly #transport: Transport;
  #isInside: boolean;
  /** Nobody is asked for the place before. */
  #askAt: number;

  /** `Onsale.join` and `Onsale.buyer` make one. */
  constructor(transport: Transport, token: string, joined?: Schemas["Issued"]) {
    this.token = token;
    this.#transport = transport;
    this.api = api(transport);
    this.#isInside = joined?.status === "PROGRESS";
    this.#askAt = Date.now() + (joined?.pollAfterMillis ?? 0);
  }

  /** The place now. It is for the caller not to ask before `pollAfterMillis`: `waitForTurn` does. */
  async check({ signal }: Calling = {}): Promise<Place> {
    return this.#note(await unwrap(this.api.POST("/v1/api/queue/token/check", given({ signal }))));
  }

  /**
   * Waits to be let in, for however long that takes: through a server that is away, too. By a stream where the server has one for
   * us, else by polls, and never by one that comes before the server wants it.
   */
  async waitForTurn({ onPlace, signal, stream = true }: Waiting = {}): Promise<Place> {
    // Who was let in when they joined has nothing to wait for, but when their time ends.
    let turn: Place | undefined = this.#isInside ? await this.check(given({ signal })) : undefined;
    const told = (place: Place): boolean => {
      onPlace?.(this.#note(place));
      if (place.status !== "WAITING") turn = place;
      return turn !== undefined;
    };
    let asksForStream = stream;
    let failures = 0;
    for (;;) {
      if (!turn && asksForStream) {
        // One that was heard and lost may be had again; where the server gives none it has no room for us.
        asksForStream = false;
        for await (const place of places(this.#transport, signal)) {
          asksForStream = true;
          if (told(place)) break;
        }
      }
      if (turn?.status === "PROGRESS") return turn;
      if (turn) throw new TurnOver(turn);
      const early = this.#askAt - Date.now();
      await sleep(Math.max(0, early) * (1 + Math.random() / 10), signal);
      try {
        told(await this.check(given({ signal })));
        failures = 0;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await pause(failures++, signal);
      }
    }
  }

  leave({ signal }: Calling = {}): Promise<Schemas["Place"]> {
    return unwrap(this.api.POST("/v1/api/queue/token/leave", given({ signal })));
  }

  /** Adds to the wallet, where the service lets buyers do that themselves; gives the balance. */
  async charge(amount: number, once: Once = {}): Promise<number> {
    const { key, header, signal } = keyed(once);
    const call = this.api.POST("/v1/api/user/amount", { body: { amount }, params: { header }, ...given({ signal }) });
    return (await unwrap(call, key)).amount;
  }

  async balance({ signal }: Calling = {}): Promise<number> {
    return (await unwrap(this.api.GET("/v1/api/user/amount", given({ signal })))).amount;
  }

  /** The dates that this buyer's queue opens. */
  schedules({ concertId, signal }: Calling & { concertId?: number } = {}): Promise<Schemas["Schedule"][]> {
    return unwrap(this.api.GET("/v1/api/concerts/schedule", { params: { query: given({ concertId }) }, ...given({ signal }) }));
  }

  seats(scheduleId: number, { section, signal }: Calling & { section?: string } = {}): Promise<Schemas["Seat"][]> {
    const query = { scheduleId, ...given({ section }) };
    return unwrap(this.api.GET("/v1/api/concerts/seat", { params: { query }, ...given({ signal }) }));
  }

  /** Holds a seat, several, places to stand, or the best that are free. */
  reserve(wish: Schemas["Reserve"], once: Once = {}): Promise<Schemas["Reserved"]> {
    const { key, header, signal } = keyed(once);
    return unwrap(this.api.POST("/v1/api/concerts/reserve", { body: wish, params: { header }, ...given({ signal }) }), key);
  }

  /** Pays a hold out of the wallet. */
  pay(reservationId: number, once: Once = {}): Promise<Schemas["Paid"]> {
    const { key, header, signal } = keyed(once);
    const body = { reservationId };
    return unwrap(this.api.POST("/v1/api/concerts/payment", { body, params: { header }, ...given({ signal }) }), key);
  }

  /** Drops a hold. */
  cancel(reservationId: number, { signal }: Calling = {}): Promise<Schemas["Cancelled"]> {
    return unwrap(this.api.POST("/v1/api/concerts/reserve/cancel", { body: { reservationId }, ...given({ signal }) }));
  }

  reservations({ signal }: Calling = {}): Promise<Schemas["Reservation"][]> {
    return unwrap(this.api.GET("/v1/api/user/reservations", given({ signal })));
  }

  tickets({ signal }: Calling = {}): Promise<Schemas["SeatTicket"][]> {
    return unwrap(this.api.GET("/v1/api/user/tickets", given({ signal })));
  }

  #note(place: Place): Place {
    this.#isInside = place.status === "PROGRESS";
    this.#askAt = Date.now() + (place.pollAfterMillis ?? 0);
    return place;
  }
}

/** A key for one operation, the same in all its attempts. */
export function keyed({ idempotencyKey: key = crypto.randomUUID(), signal }: Once) {
  return { key, header: { "Idempotency-Key": key }, signal };
}

/** Without what is not given. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
