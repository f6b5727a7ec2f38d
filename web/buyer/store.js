// What this browser keeps: who the buyer is, the tokens of their places, and what they set out to do.
//
// All of it is in localStorage, so that a second tab is the same buyer in the same place, a closed tab loses nothing,
// and an intent that was sent and not answered is sent again with the same key, in whichever tab.

import { locked } from "./locks.js";
import { SHAPES, isTicket } from "./shapes.js";

const PREFIX = "onsale.";

/** What could not be stored, and what was stored under its name when it could not.
 * @type {Map<string, { value: any, over: string | null }>} */
const memory = new Map();

function stored(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function get(name) {
  const text = stored(name);
  const kept = memory.get(name);
  // It is newer than what is stored, until another tab has stored something since.
  if (kept?.over === text) return kept.value;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function set(name, value) {
  memory.delete(name);
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing, or nothing more, still buys, in this tab.
    if (value !== null) memory.set(name, { value, over: stored(name) });
  }
}

/** What is kept under a name, or null. What is of another shape is dropped: it would be in the way at each visit.
 * @param {string} name */
function read(name) {
  const value = get(name);
  const fits = SHAPES.get(name.split(".")[0]);
  if (value === null || !fits || fits(value)) return value;
  set(name, null);
  return null;
}

/** The names that begin so. */
function names(start) {
  let kept = [];
  try {
    kept = Object.keys(localStorage).map((name) => name.slice(PREFIX.length));
  } catch {
    // Nothing is kept here.
  }
  return [...new Set([...kept, ...memory.keys()])].filter((name) => name.startsWith(start) && read(name) !== null);
}

function random() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low || 1;
}

/** The buyer's number: random, for this page stands in for a shop with a login. */
export function user() {
  let user = read("user");
  if (!user) set("user", (user = random()));
  return user;
}

/** The token of one's place in a queue, or null.
 * @returns {string | null} */
export const token = (queue) => read(`token.${queue}`);

/** The buyer's number where this browser has one already, else null. */
export const knownUser = () => read("user");

/** Any token of the buyer's: what concerns the buyer and no queue is answered to all of them, also when the place that
 * it stood for is given up. */
export const anyToken = () => queues().map(token)[0] ?? read(`reader.${knownUser()}`);

/** A token for reading of everybody that this browser was, the buyer's own first. */
export function readers() {
  const byOwner = new Map();
  for (const token of [anyToken(), ...names("reader.").map(read)].filter(Boolean)) {
    if (!byOwner.has(ownerOf(token))) byOwner.set(ownerOf(token), token);
  }
  return [...byOwner.values()];
}

export function keepReader(token) {
  const owner = ownerOf(token);
  if (owner) set(`reader.${owner}`, token);
}

/** A token that the server does not know any more. */
export function dropReader(token) {
  if (read(`reader.${ownerOf(token)}`) === token) set(`reader.${ownerOf(token)}`, null);
}

/** What a token says. Only the server can tell whether it is so. */
function claims(token) {
  try {
    const bytes = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))) ?? {};
  } catch {
    return {};
  }
}

/** Whom an entry token names, as the server reads it.
 * @returns {string} */
export const subjectOf = (token) => String(claims(token).sub ?? "");

/** The user whose place a token stands for: its `sub`. */
export function ownerOf(token) {
  const owner = Number(claims(token).sub);
  return Number.isSafeInteger(owner) && owner > 0 ? owner : null;
}

/** The number of the queue in which that place is, from 0: its `jti` begins with it. */
export const queueNumberOf = (token) => Number(/^(\d+)-/.exec(claims(token).jti)?.[1] ?? NaN);

/** The queues in which this browser has a token. */
export const queues = () => names("token.").map((name) => name.slice("token.".length));

export function keepToken(queue, value) {
  // A place may be given up; what was bought with it stays the buyer's to see.
  keepReader(value ?? token(queue) ?? "");
  set(`token.${queue}`, value);
}

/** Takes over a place from another device, or from the shop that sent the buyer here: the token says whose it is. */
export function adopt(queue, value, owner) {
  set("user", owner);
  for (const other of queues()) keepToken(other, null);
  keepToken(queue, value);
}

/** The place at which the buyer first stood in this queue: where the bar begins. */
export function firstPosition(queue, token, position) {
  const known = read(`first.${queue}`);
  if (known?.token === token && known.position >= position) return known.position;
  set(`first.${queue}`, { token, position });
  return position;
}

/** Whether what is kept outlives this tab. */
export function keeps() {
  if (memory.size > 0) return false;
  try {
    localStorage.setItem(`${PREFIX}probe`, "1");
    localStorage.removeItem(`${PREFIX}probe`);
    return true;
  } catch {
    return false;
  }
}

/** Settings of the page: language, sound. */
export const setting = (name) => read(name);
export const keepSetting = (name, value) => set(name, value);

/** A key that nobody else has. */
export function freshKey(name) {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return `${name.slice(0, 128)}.${Array.from(words, (word) => word.toString(36)).join("")}`;
}

/** The key of an intent, with what it is to do: made once, the same until [`settle`], in every tab. */
export function intend(name, what = {}) {
  const known = read(`intent.${name}`);
  if (known) return known;
  const intent = { key: freshKey(name), ...what };
  set(`intent.${name}`, intent);
  return intent;
}

/** What was set out to do and has no answer yet, or null. */
export const pending = (name) => read(`intent.${name}`);

export function settle(name) {
  set(`intent.${name}`, null);
}

/** Runs `work` in one tab at a time. Where the browser gives no locks, the keys alone must do.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} */
export function alone(name, work) {
  return locked(PREFIX + name, {}, work);
}

/** Tickets, so that they can be shown at the gate without a network.
 * @returns {KeptTicket[]} */
export const tickets = () => (read("tickets") ?? []).filter(isTicket);
/** Keeps what the server lists of an owner's, in the place of what was kept of theirs; where nobody knows their number, beside
 * all that is kept.
 * @param {Wire.SeatTicket[]} listed
 * @param {number | null} owner */
export function addTickets(listed, owner) {
  const paid = new Set(listed.map(({ paymentId }) => paymentId));
  const others = tickets().filter((kept) => (owner === null || kept.owner !== owner) && !paid.has(kept.paymentId));
  set("tickets", [...listed.map((ticket) => ({ ...ticket, owner })), ...others]);
}

/** The catalog of the last visit, with its tag. One that is too large for a browser's storage is not kept. */
const CATALOG_CHARACTERS_MAX = 1_000_000;
/** @returns {KeptCatalog | null} */
export const catalog = () => read("catalog");
/** @param {KeptCatalog} catalog */
export function keepCatalog(catalog) {
  set("catalog", JSON.stringify(catalog).length <= CATALOG_CHARACTERS_MAX ? catalog : null);
}
