// Keeps the buyer's page for when there is no connection, so that a ticket can be shown at a gate without a signal.
//
// It keeps the page and its scripts, and nothing that the API answers: tickets are in the page's own storage. While there
// is a connection the page always comes from the server. The server puts the list of files in.

const FILES = ["{{shell}}"];
/** The directory of the files has a name of its own in each version. */
const VERSION = FILES[0].split("/")[2];
const CACHE = `onsale-${VERSION}`;
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => event.waitUntil(keep()));

async function keep() {
  const page = await fetch("/", { cache: "no-cache" });
  const text = await page.clone().text();
  // While nodes are being replaced, a page may come from another version than this script: it would name files that are
  // not kept. The browser tries again later.
  if (!page.ok || !text.includes(`/assets/${VERSION}/`)) throw new Error("the page is of another version");
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await cache.put("/", page);
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

/** A new version waits until the tabs of the old one are closed: so nobody needs what is thrown away here. */
async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("onsale-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === "/") event.respondWith(page(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(file(request));
});

/** The server's page; where it does not answer in time, the one that was kept. */
async function page(request) {
  const kept = await caches.match("/", { cacheName: CACHE });
  if (!kept) return fetch(request);
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(request, { signal: patience.signal });
    return answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

/** A file's address never changes its content: what is kept is right. */
async function file(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

// A notification that it is the buyer's turn leads to the tab that showed it.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.address ?? "/"));
});

async function show(address) {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = tabs.find(({ url }) => new URL(url).pathname === "/");
  return tab ? tab.focus() : self.clients.openWindow(address);
}
