// A place on another device. The token travels behind `#`, which browsers send to no server, and is taken out of the
// address before anything else happens.

import { t } from "./language.js";
import * as store from "./store.js";

/** The link that opens the place elsewhere. */
export function link(queue) {
  const parts = new URLSearchParams({ move: store.token(queue), queue });
  return `${location.origin}/#${parts}`;
}

/** Takes over the place that the address carries, if it carries one; whether it did. A shop sends its buyers here the
 * same way: it asks for the token with its own user's number, and links to `/#move=<token>&queue=<name>`. */
export async function adoptFromAddress(confirm) {
  const parts = new URLSearchParams(location.hash.slice(1));
  const token = parts.get("move");
  if (!token) return false;
  const queue = parts.get("queue") ?? "default";
  history.replaceState(null, "", "#/");
  const owner = ownerOf(token);
  if (!owner) return false;
  const stranger = store.anyToken() && store.user() !== owner;
  if (stranger && !(await confirm(t.moveAsk, t.moveYes))) return false;
  store.adopt(queue, token, owner);
  location.hash = `#/wait/${encodeURIComponent(queue)}`;
  return true;
}

/** The user whose place a token stands for: its `sub`. */
function ownerOf(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    const owner = Number(claims.sub);
    return Number.isSafeInteger(owner) && owner > 0 ? owner : null;
  } catch {
    return null;
  }
}
