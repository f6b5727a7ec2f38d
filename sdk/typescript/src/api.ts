import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./generated/api.js";
import { isProblem, NoAnswer, Problem } from "./errors.js";
import { retryAfter, type Transport } from "./transport.js";

/** Every call of the API, typed by its document: `api.GET("/v1/sale")`. */
export type Api = Client<paths>;
export type Schemas = components["schemas"];

export function api(transport: Transport): Api {
  return createClient<paths>({ baseUrl: transport.server, fetch: transport.fetch });
}

type Answer<D> = { data?: D; error?: unknown; response: Response };

/** What a call is answered with, out of its envelope; a refusal is thrown. `await unwrap(shop.api.GET("/v1/admin/queues"))` */
export async function unwrap<D>(call: Promise<Answer<{ data: D }>>, idempotencyKey?: string): Promise<D> {
  const { data } = await whole(call, idempotencyKey);
  return data.data;
}

/** The same for the few answers that have no envelope; with the response, as its headers belong to it. */
export async function whole<D>(call: Promise<Answer<D>>, idempotencyKey?: string): Promise<{ data: D; response: Response }> {
  let answer: Answer<D>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new NoAnswer("the answer is not JSON", { cause, idempotencyKey });
    throw cause;
  }
  const { data, error, response } = answer;
  if (isProblem(error)) throw new Problem(error, retryAfter(response), idempotencyKey);
  if (!response.ok || typeof data !== "object" || data === null)
    throw new NoAnswer(`${response.status} not of onsale`, { status: response.status, idempotencyKey });
  return { data, response };
}
