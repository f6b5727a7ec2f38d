// A place, or tickets, on another device. The token travels behind `#`, which browsers send to no server, and is taken
// out of the address before anything else happens. It is believed only when the server knows it. A shop hands its buyers over the
// same way: with a place that it took for them (`#move=`), or with a token that it signed (`#entry=`), for which the page joins. Whoever
// has signed in comes back so, too (`by=login`), or with why they have not (`#login=`).

import { Refused, ask, insist } from "../shared/api.js";
import { t } from "./language.js";
import { shown } from "./proof.js";
import { queueName } from "./sale.js";
import * as store from "./store.js";

/** The link that opens the place elsewhere. */
export function link(queue) {
  const parts = new URLSearchParams({ move: store.token(queue), queue });
  return `${location.origin}/#${parts}`;
}

/** The link that shows the buyer's tickets elsewhere. */
export const ticketsLink = (token) => `${location.origin}/#${new URLSearchParams({ tickets: token })}`;

/** Takes over what the address carries, if it carries something: what to say of it, or null. A shop sends its buyers
 * here the same way: it asks for the token with its own user's number, and links to `/#move=<token>`. A link may say the
 * queue, too; the token knows better. */
export async function adoptFromAddress(confirm) {
  const parts = new URLSearchParams(location.hash.slice(1));
  const [move, tickets, entry, login] = ["move", "tickets", "entry", "login"].map((name) => parts.get(name));
  if (move === null && tickets === null && entry === null && login === null) return null;
  history.replaceState(null, "", "#/");
  if (login !== null) return notSignedIn(login, parts);
  try {
    if (entry !== null) return await enter(entry, parts, confirm);
    return await (move === null ? show(tickets) : take(move, confirm));
  } catch (error) {
    // The night is over, and who bought something is here for it.
    if (entry !== null && error.code === "QUEUE_CLOSED" && (await showOf(entry))) return t.ticketsHere;
    if (entry !== null) return notEntered(error, parts);
    return error instanceof Refused && !error.isOpen ? t.moveBroken : t.moveUnanswered;
  }
}

/** Where the buyer wanted to be. */
function goTo(parts) {
  const [queue, concert] = [parts.get("queue"), parts.get("concert")];
  if (queue) history.replaceState(null, "", `#/wait/${[queue, concert].filter(Boolean).map(encodeURIComponent).join("/")}`);
}

/** Back from the provider without an identity: why, and the way to try again. */
function notSignedIn(why, parts) {
  goTo(parts);
  return Object.hasOwn(t.signInFailed, why) ? t.signInFailed[why] : t.signInFailed.refused;
}

/** @param {any} error */
function notEntered(error, parts) {
  const hasSignedIn = parts.get("by") === "login";
  if (hasSignedIn) goTo(parts);
  if (!(error instanceof Refused) || error.isOpen) return hasSignedIn ? t.signInUnanswered : t.moveUnanswered;
  // A queue that is closed has words of its own; what is wrong with the token, the shop has to mend.
  if (!error.code.startsWith("ENTRY_TOKEN")) return error.message;
  return hasSignedIn ? t.signInFailed.expired : t.entryBroken;
}

/** How long a server that is away or overloaded is asked again, for who comes with a shop's token. */
const ENTRY_PATIENCE_MS = 60_000;

/** Joins for whom the shop, or this service itself, has signed: the server says who that is. The token may be good only once, so an answer that
 * is lost on its way is asked for again under the same key. */
async function enter(entryToken, parts, confirm) {
  // Without a queue in the link it is the one that the token says.
  const queue = parts.get("queue") ?? undefined;
  // The document has a user's number in each such call; here the token says who it is.
  const key = store.freshKey("entry");
  const send = (proof) => {
    const body = /** @type {any} */ ({ entryToken, queue, ...(proof && { proof }) });
    return insist("POST", "/v1/api/queue/token", { body, key, signal: AbortSignal.timeout(ENTRY_PATIENCE_MS) });
  };
  const { data } = await shown(queue, store.subjectOf(entryToken), send);
  const hasSignedIn = parts.get("by") === "login";
  await take(data.queueToken, confirm, hasSignedIn ? [t.signedInOther, t.signedInOtherYes] : [t.moveAsk, t.moveYes], parts.get("concert"));
  // Nothing was moved: the buyer comes from the shop, and sees the place that they came for.
  return null;
}

async function take(token, confirm, [question, yes] = [t.moveAsk, t.moveYes], concert = null) {
  const owner = store.ownerOf(token);
  if (!owner) return t.moveBroken;
  await ask("POST", "/v1/api/queue/token/check", { token });
  const queue = await queueName(store.queueNumberOf(token));
  if (!queue) return t.moveBroken;
  const own = store.knownUser();
  if (own && own !== owner && !(await confirm(question, yes))) return null;
  store.adopt(queue, token, owner);
  goTo(new URLSearchParams(concert ? { queue, concert } : { queue }));
  return t.moveDone;
}

/** Shows the tickets of whom the shop has signed for, who has no place. Whether there are any.
 * @param {string} entryToken */
async function showOf(entryToken) {
  try {
    const { data } = await ask("GET", "/v1/api/user/tickets", { token: entryToken });
    if (data.length === 0) return false;
    store.addTickets(data, store.ownerOf(entryToken));
  } catch {
    // What is said of the queue says enough.
    return false;
  }
  history.replaceState(null, "", "#/mine");
  return true;
}

/** Tickets are shown beside one's own; who the buyer is does not change. */
async function show(token) {
  if (!store.ownerOf(token)) return t.moveBroken;
  await ask("GET", "/v1/api/user/tickets", { token });
  store.keepReader(token);
  history.replaceState(null, "", "#/mine");
  return t.ticketsHere;
}
