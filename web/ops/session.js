// Who is at the levers. The admin key stays in this tab: in its memory, and for a reload in its sessionStorage where that
// may be used; never in an address. Whoever has signed in with the identity provider has a cookie that no script can read.

import { t } from "./language.js";

const STORE = "onsale-ops";

/** Without a key it is that of the cookie.
 * @type {{ key?: string, name: string } | null} */
let session = read();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE));
  } catch {
    return null;
  }
}

/** `{ key, name }`, or null. */
export const current = () => session;

/** Whether operators sign in here. */
export let signsIn = false;

/** Finds out how one comes in, and takes up the session of whoever has signed in with this browser. */
export async function find() {
  try {
    const response = await fetch("/ops/session", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
    const { data } = await response.json();
    signsIn = data.signIn;
    session ??= data.session;
  } catch {
    // The key is a way in where the server does not say.
  }
}

export function open(key, name) {
  session = { key, name };
  keep((storage) => storage.setItem(STORE, JSON.stringify(session)));
}

/** Ends it: a key is forgotten, and a session is over in this browser, in each of its tabs. */
export async function close() {
  const wasSignedIn = session && !session.key;
  session = null;
  keep((storage) => storage.removeItem(STORE));
  if (wasSignedIn) await fetch("/ops/session", { method: "DELETE", signal: AbortSignal.timeout(5_000) }).catch(() => {});
}

/** @param {(storage: Storage) => void} change */
function keep(change) {
  try {
    change(sessionStorage);
  } catch {
    // Where site data is blocked or full, a reload asks for the key again.
  }
}

/** What the server did not do, in its own words. */
export class Refused extends Error {
  constructor(status, document) {
    super(document.detail ?? document.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = document.code ?? "UNKNOWN";
  }
}

/** Calls the admin API with a session, the current one unless another is given; the answer's data.
 * @template {string} M
 * @template {string} P
 * @param {Wire.Method<M, `/v1/admin/${P}`>} method
 * @param {P} path
 * @param {Wire.Body<M, `/v1/admin/${P}`>} [body]
 * @returns {Promise<Wire.Data<M, `/v1/admin/${P}`>>} */
export async function call(method, path, body, as = session) {
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": t.tag };
  // The cookie comes by itself; a page of another site cannot say that it wants it to count.
  if (as && !as.key) headers["Onsale-Session"] = "1";
  else headers.Authorization = `Bearer ${as?.key ?? ""}`;
  if (as?.key && as.name && method !== "GET") headers["Onsale-Operator"] = extended(as.name);
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(`/v1/admin/${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(15_000),
  });
  const document = await response.json();
  if (!response.ok) throw new Refused(response.status, document);
  return document.data;
}

// A header takes no more than Latin-1: the name goes as RFC 8187 has it.
const extended = (name) => `UTF-8''${encodeURIComponent([...name.toWellFormed()].slice(0, 64).join(""))}`;
