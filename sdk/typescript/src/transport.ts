import { NoAnswer, PASSING } from "./errors.js";

/** How a call is tried again. Waits grow from `baseMillis` to `capMillis`, by chance a half to the whole of it. */
export type Retry = {
  /** How often a call is sent at most, the first time counted. */
  attempts: number;
  baseMillis: number;
  capMillis: number;
  /** A server that wants a longer wait is not waited for: its refusal is thrown. */
  retryAfterMaxSeconds: number;
};

export type Options = {
  /** Where the server is, such as `https://tickets.example`. */
  server: string;
  /** How long one attempt may take. */
  timeoutMillis?: number;
  retry?: Partial<Retry>;
  /** The language of what is for people: `en` or `ko`. */
  language?: string;
  /** In place of the platform's `fetch`, as for a proxy or a log. */
  fetch?: (request: Request) => Promise<Response>;
};

export const RETRY: Retry = { attempts: 7, baseMillis: 250, capMillis: 10_000, retryAfterMaxSeconds: 60 };
export const TIMEOUT_MILLIS = 15_000;
const KEY = "Idempotency-Key";
const BOOKMARK = "Onsale-Seq";

/** Calls that write nothing, or that their `reference` makes count once, though they are sent by POST and have no key. */
const REPEATABLE = /\/v1\/(api\/queue\/token\/check|tickets\/verify|admin\/users\/\d+\/(credit|debit))$/;

/** What a client speaks through: it sends who is calling, and sends again what may be sent twice. */
export class Transport {
  readonly #options: Options;
  readonly #retry: Retry;
  readonly #authorization: string | undefined;
  /** What the store had come to when it last answered: sent back, so that no other node answers from before. */
  #bookmark: string | null = null;

  constructor(options: Options, authorization?: string) {
    this.#options = options;
    this.#retry = { ...RETRY, ...options.retry };
    this.#authorization = authorization;
  }

  /** The same for somebody with a token, who knows what we know: a node that has not heard of the token yet must wait. */
  withToken(token: string): Transport {
    const transport = new Transport(this.#options, `Bearer ${token}`);
    transport.#bookmark = this.#bookmark;
    return transport;
  }

  get server(): string {
    return this.#options.server.replace(/\/+$/, "");
  }

  /** As `fetch`; what is safe to repeat is repeated. Answers are read whole: one that is cut in the middle is none. */
  fetch = async (request: Request): Promise<Response> => {
    this.#sign(request);
    const attempts = mayRepeat(request) ? Math.max(1, this.#retry.attempts) : 1;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#try(request.clone());
      const wait = attempt < attempts ? this.#waitMillis(answer, attempt) : undefined;
      if (wait !== undefined) await sleep(wait, request.signal);
      else if (answer instanceof NoAnswer) throw answer;
      else return answer;
    }
  };

  /** Opens a stream of events, once: whoever follows one knows better what to do when it ends. */
  async open(path: string, signal: AbortSignal): Promise<Response> {
    const request = new Request(this.server + path, { headers: { Accept: "text/event-stream" }, signal });
    this.#sign(request);
    return this.#remember(await this.#send(request));
  }

  #send(request: Request): Promise<Response> {
    return this.#options.fetch ? this.#options.fetch(request) : fetch(request);
  }

  #sign({ headers }: Request): void {
    if (this.#authorization) headers.set("Authorization", this.#authorization);
    if (this.#options.language) headers.set("Accept-Language", this.#options.language);
  }

  #remember(response: Response): Response {
    this.#bookmark = response.headers.get(BOOKMARK) ?? this.#bookmark;
    return response;
  }

  async #try(request: Request): Promise<Response | NoAnswer> {
    if (this.#bookmark) request.headers.set(BOOKMARK, this.#bookmark);
    const timeout = AbortSignal.timeout(this.#options.timeoutMillis ?? TIMEOUT_MILLIS);
    try {
      const signal = AbortSignal.any([request.signal, timeout]);
      const response = this.#remember(await this.#send(new Request(request, { signal })));
      const body = await response.arrayBuffer();
      const { status, statusText, headers } = response;
      return new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });
    } catch (cause) {
      if (request.signal.aborted) throw request.signal.reason;
      const idempotencyKey = request.headers.get(KEY) ?? undefined;
      return new NoAnswer(timeout.aborted ? "no answer in time" : "the connection was lost", { cause, idempotencyKey });
    }
  }

  /** How long to wait before the next attempt; nothing where another would be of no use. */
  #waitMillis(answer: Response | NoAnswer, attempt: number): number | undefined {
    const { baseMillis, capMillis, retryAfterMaxSeconds } = this.#retry;
    const backoff = Math.min(capMillis, baseMillis * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    if (answer instanceof NoAnswer) return backoff;
    if (!PASSING.has(answer.status)) return undefined;
    const seconds = retryAfter(answer);
    if (seconds === undefined) return backoff;
    // Not all who were told the same come back in the same moment.
    return seconds > retryAfterMaxSeconds ? undefined : seconds * 1000 + backoff;
  }
}

/** In how many seconds the server wants to be asked again. */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("Retry-After");
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

function mayRepeat({ method, headers, url }: Request): boolean {
  return method === "GET" || method === "HEAD" || headers.has(KEY) || REPEATABLE.test(new URL(url).pathname);
}

/** A rest after so many failures in a row, for whoever goes on for as long as it takes. */
export function pause(failures: number, signal?: AbortSignal): Promise<void> {
  return sleep(Math.min(30_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2), signal);
}

/** Waits, unless it is called off. */
export function sleep(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    // A timer may be early by a part of a millisecond.
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, Math.ceil(millis) + 1);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
