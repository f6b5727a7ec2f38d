import type { components } from "./generated/api.js";

type Schemas = components["schemas"];
/** The document describes each refusal by a schema of its own, which names its codes. */
type Refusal = Exclude<keyof Schemas & `${string}Problem`, "Problem">;

/** The codes of refusals, as this version of the API has them. A later server may send others: give a `switch` a `default`. */
export type ProblemCode = { [Name in Refusal]: NonNullable<Schemas[Name]["code"]> }[Refusal];

/** A refusal as it comes: a problem document (RFC 9457). */
export type ProblemDocument = Schemas["Problem"];

/** What all errors of this package are. */
export class OnsaleError extends Error {
  override name = "OnsaleError";
  /** The key that the call was sent with: whoever sends it again with this key has it done once. */
  readonly idempotencyKey: string | undefined;

  constructor(message: string, options: { cause?: unknown; idempotencyKey?: string | undefined } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.idempotencyKey = options.idempotencyKey;
  }
}

/** The server refused: `code` says why, to a program. Nothing was done, except maybe for `OUTCOME_UNKNOWN`. */
export class Problem extends OnsaleError {
  override name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  /** The field or parameter that was wrong, where there is one. */
  readonly field: string | undefined;
  /** In how many seconds to come again, where the server said so. */
  readonly retryAfter: number | undefined;
  /** All that the server said. `document.message` is for people, in English or Korean. */
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument, retryAfter: number | undefined, idempotencyKey?: string) {
    super(`${document.code}: ${document.detail}`, { idempotencyKey });
    this.code = document.code as ProblemCode;
    this.status = document.status;
    this.field = document.field;
    this.retryAfter = retryAfter;
    this.document = document;
  }
}

/**
 * No answer of onsale: the connection was lost, it took too long, or something between answered. Nobody knows whether the call
 * was done.
 */
export class NoAnswer extends OnsaleError {
  override name = "NoAnswer";
  /** What a proxy answered in onsale's place, where one did. */
  readonly status: number | undefined;

  constructor(message: string, options: { cause?: unknown; idempotencyKey?: string | undefined; status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}

/** There is nothing more to wait for: the ticket is DONE or EXPIRED. Joining again gives a place at the tail. */
export class TurnOver extends OnsaleError {
  override name = "TurnOver";
  readonly place: Schemas["Place"];

  constructor(place: Schemas["Place"]) {
    super(`the ticket is ${place.status}`);
    this.place = place;
  }
}

/** Whether a body is a problem document of onsale's, and not what a proxy between has to say. */
export function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === "object" && body !== null && "code" in body && "resultType" in body && body.resultType === "FAIL";
}

/** Whether another attempt may fare better. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return error.status === undefined || PASSING.has(error.status);
  return error instanceof Problem && PASSING.has(error.status);
}

/** Too many requests, a proxy without its server, no capacity or no service now, an outcome that is not known. */
export const PASSING = new Set([429, 502, 503, 504]);
