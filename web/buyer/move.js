// A place, or tickets, on another device. The token travels behind `#`, which browsers send to no server, and is taken
// out of the address before anything else happens. It is believed only when the server knows it.

import { Refused, ask } from "../shared/api.js";
import { t } from "./language.js";
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
  const [move, tickets] = [parts.get("move"), parts.get("tickets")];
  if (move === null && tickets === null) return null;
  history.replaceState(null, "", "#/");
  try {
    return await (move === null ? show(tickets) : take(move, confirm));
  } catch (error) {
    return error instanceof Refused && !error.isOpen ? t.moveBroken : t.moveUnanswered;
  }
}

async function take(token, confirm) {
  const owner = store.ownerOf(token);
  if (!owner) return t.moveBroken;
  await ask("POST", "/v1/api/queue/token/check", { token });
  const queue = await queueName(store.queueNumberOf(token));
  if (!queue) return t.moveBroken;
  const own = store.knownUser();
  if (own && own !== owner && !(await confirm(t.moveAsk, t.moveYes))) return null;
  store.adopt(queue, token, owner);
  history.replaceState(null, "", `#/wait/${encodeURIComponent(queue)}`);
  return t.moveDone;
}

/** Tickets are shown beside one's own; who the buyer is does not change. */
async function show(token) {
  if (!store.ownerOf(token)) return t.moveBroken;
  await ask("GET", "/v1/api/user/tickets", { token });
  store.keepReader(token);
  history.replaceState(null, "", "#/mine");
  return t.ticketsHere;
}
