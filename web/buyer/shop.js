// The shop in front of this page: its name and colour, and the way back to it.

import * as catalog from "./catalog.js";
import { brand, t } from "./language.js";
import { keepSetting, setting } from "./store.js";

/** What the catalog says of it; undefined as long as no catalog is known. */
const shop = () => catalog.shop();

/** Whether whoever opens the page may join. */
export const isJoinOpen = () => shop()?.joinOpen ?? true;

/** Whether whoever joins signs in first. */
export const signsIn = () => shop()?.signIn ?? false;

/** Where one signs in, to join a queue and look at a concert; `other`: as somebody else than the last time. */
export function signInAddress(queue, concert, other = false) {
  const parts = Object.entries({ queue, concert, other: other ? "1" : null }).filter(([, value]) => value);
  return `/login?${new URLSearchParams(parts.map(([name, value]) => [name, String(value)]))}`;
}

/** The way to a place, where the page does not join by itself: to the shop, which starts its buyers, or to sign in. Null where it
 * joins. */
export function way(queue, concert) {
  if (!isJoinOpen()) return { href: home(), text: t.joinAtShop(name()) };
  return signsIn() ? { href: signInAddress(queue, concert), text: t.signIn } : null;
}

/** The same, once the catalog is known: whoever comes by a link to a queue may be here for the first time. */
export async function wayOnce(onwait, queue, concert) {
  if (!shop()) await catalog.load(onwait);
  return way(queue, concert);
}

/** What it is called: its name, or else its host. */
export const name = () => shop()?.title ?? (home() ? new URL(home()).host : "");

/** The address of its logo, or null. */
export const logo = () => shop()?.logo ?? null;

/** Where it says who is responsible, or null. */
export const imprint = () => shop()?.imprint ?? null;

/** Shows its name and colour. A colour is set, and not written: the page's policy takes no style from elsewhere. */
export function dress() {
  const { title = null, color = null } = shop() ?? {};
  brand(title);
  const root = document.documentElement;
  root.classList.toggle("branded", color !== null);
  if (color) root.style.setProperty("--accent", color);
  else root.style.removeProperty("--accent");
}

/** Takes out of the address where the buyer wants to go back to: `?return=`. */
export function learnReturn() {
  const wanted = new URLSearchParams(location.search).get("return");
  if (wanted === null) return;
  keepSetting("return", wanted);
  history.replaceState(null, "", `${location.pathname}${location.hash}`);
}

/** Where buyers go back to, or null: what a link has said, where it is the shop's; else the shop itself. Anybody can write a link,
 * so it leads nowhere but to the origins that the server knows. */
export function home() {
  const known = shop()?.returns ?? [];
  const origins = known.map((address) => new URL(address).origin);
  const wanted = parsed(setting("return"));
  return wanted && origins.includes(wanted.origin) ? wanted.href : (known[0] ?? null);
}

/** @returns {URL | null} */
function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
