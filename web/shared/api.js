// Calls to the API: one envelope, one kind of refusal, and retries that are safe.

import { learn } from "./clock.js";

/** A refusal, as the server worded it in the page's language. */
export class Refused extends Error {
  constructor(status, document, retryAfterMs) {
    super(document.message ?? `HTTP ${status}`);
    this.status = status;
    // Whoever refuses without a code of ours stands on the way: a proxy, a filter, a gate of the network.
    this.code = document.code ?? "BLOCKED";
    this.detail = document.detail;
    /** Those of several seats that could not be had; of `SEAT_LEFT_ALONE`, those that would be left alone. @type {number[] | undefined} */
    this.seatIds = document.seatIds;
    /** When that begins which was asked for too early. @type {string | undefined} */
    this.opensAt = document.opensAt;
    /** The areas that have too few places, and how many they have. @type {{ areaId: string, left: number }[] | undefined} */
    this.areas = document.areas;
    /** Of PROOF_REQUIRED, the work that is asked for. @type {Wire.Work | undefined} */
    this.proof = document.proof;
    this.retryAfterMs = retryAfterMs;
  }

  /** It came from something on the way, and says nothing of what was asked. */
  get isForeign() {
    return this.code === "BLOCKED";
  }

  /** Nothing was decided: the same call, with the same key, may be made again. */
  get isOpen() {
    return this.status >= 500 || this.status === 429;
  }
}

/** The call did not reach the server, or its answer did not reach us. */
export class Unreachable extends Error {}

let language = "en";

/** The language in which refusals come. */
export function speak(tag) {
  language = tag;
}

/**
 * Makes one call and gives the answer's `data`, with its entity tag: `{ data, tag }`. With `known`, an entity tag,
 * `data` is undefined where nothing changed.
 * @template {string} M
 * @template {string} P
 * @param {Wire.Method<M, P>} method
 * @param {P} path
 * @param {Wire.Options<Wire.Body<M, P>>} options
 * @returns {Promise<Wire.Answer<Wire.Data<M, P>>>}
 */
export async function ask(method, path, { token, body, key, known, signal, patienceMs = 15_000 } = {}) {
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": language };
  // The pages look at things by themselves, whoever sits before them: that somebody is there is said by what they do.
  if (method === "GET") headers["Onsale-Passive"] = "1";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = key;
  if (known) headers["If-None-Match"] = known;
  if (body) headers["Content-Type"] = "application/json";
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  const stop = () => patience.abort();
  signal?.addEventListener("abort", stop);
  const sent = performance.now();
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: patience.signal,
      cache: "no-store",
    });
    learn(response.headers, sent, performance.now());
    if (response.status === 304) return { tag: known };
    const text = await response.text();
    const document = parsed(text, response.status);
    if (!response.ok) throw new Refused(response.status, document, Number(response.headers.get("Retry-After")) * 1000);
    return { data: document.data, tag: response.headers.get("ETag") };
  } catch (error) {
    if (signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (error instanceof Refused) throw error;
    throw new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** What came, or what to think of what came: a proxy on the way refuses in words of its own. */
function parsed(text, status) {
  try {
    return (text ? JSON.parse(text) : null) ?? {};
  } catch (error) {
    if (status < 400 || status >= 500) throw error;
    return {};
  }
}

/** The same until the server has decided: where it is away or overloaded, again after a while. Only for what is read,
 * has a key, or may be done twice. `onwait(error)` is told before each wait.
 * @template {string} M
 * @template {string} P
 * @param {Wire.Method<M, P>} method
 * @param {P} path
 * @param {Wire.Options<Wire.Body<M, P>>} options
 * @returns {Promise<Wire.Answer<Wire.Data<M, P>>>} */
export async function insist(method, path, options = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(method, path, options);
    } catch (error) {
      const again = error instanceof Unreachable || (error instanceof Refused && error.isOpen);
      if (!again || options.signal?.aborted) throw error;
      options.onwait?.(error);
      const backoff = Math.min(500 * 2 ** attempt, 10_000) * (0.5 + Math.random());
      await rest(Math.max(backoff, (error instanceof Refused && error.retryAfterMs) || 0), options.signal);
    }
  }
}

/** Waits, but not on after the connection is back, the page is looked at again, or `signal`.
 * @returns {Promise<void>} */
export function rest(ms, signal) {
  return new Promise((resolve, reject) => {
    const seen = () => document.visibilityState === "visible" && done();
    const gone = () => (done(), reject(new DOMException("aborted", "AbortError")));
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      removeEventListener("online", done);
      document.removeEventListener("visibilitychange", seen);
      signal?.removeEventListener("abort", gone);
      resolve();
    }
    addEventListener("online", done);
    document.addEventListener("visibilitychange", seen);
    signal?.addEventListener("abort", gone);
    if (signal?.aborted) gone();
  });
}
