import { api, unwrap, type Api, type Schemas } from "./api.js";
import { Buyer, given, keyed, type Calling, type Once } from "./buyer.js";
import { Problem } from "./errors.js";
import { solve, subjectOf } from "./proof.js";
import { Transport, type Options } from "./transport.js";

/** Who asks for a place: by number, or by an entry token, which says it. */
export type Somebody = Partial<Schemas["Issue"]> & ({ userId: number } | { entryToken: string });

const WORK_ATTEMPTS = 3;

/** A server, as anybody sees it. */
export class Onsale {
  /** All calls, sent without a token. */
  readonly api: Api;
  readonly #transport: Transport;

  constructor(options: Options) {
    this.#transport = new Transport(options);
    this.api = api(this.#transport);
  }

  /** Takes a place in a queue, and does the work that it may ask for. Who has a place there already gets the same. */
  async join(who: Somebody, once: Once = {}): Promise<Buyer> {
    const { key, header, signal } = keyed(once);
    let body = who as Schemas["Issue"];
    for (let attempt = 0; ; attempt++) {
      try {
        const joined = await unwrap(this.api.POST("/v1/api/queue/token", { body, params: { header }, ...given({ signal }) }), key);
        return new Buyer(this.#transport.withToken(joined.queueToken), joined.queueToken, joined);
      } catch (error) {
        // What is asked for may change while it is done, and says so.
        const work = error instanceof Problem ? error.document.proof : undefined;
        if (!work || attempt === WORK_ATTEMPTS) throw error;
        body = { ...body, proof: await solve(work, who.entryToken ? subjectOf(who.entryToken) : String(who.userId), signal) };
      }
    }
  }

  /** Somebody whose token is at hand: kept from before, or made by a shop (`Shop.startBuyer`). */
  buyer(token: string): Buyer {
    return new Buyer(this.#transport.withToken(token), token);
  }

  /** What is on sale when, at which prices. */
  catalog({ signal }: Calling = {}): Promise<Schemas["Catalog"]> {
    return unwrap(this.api.GET("/v1/catalog", given({ signal })));
  }

  /** The queues, and what the service wants of who joins. */
  sale({ signal }: Calling = {}): Promise<Schemas["SaleState"]> {
    return unwrap(this.api.GET("/v1/sale", given({ signal })));
  }
}
