// The service worker: started where something is to be shown without a connection, or told while the page sleeps.

let registered = null;

/** Starts it, where the browser has one (HTTPS alone); whether the page is kept for when there is no connection. */
export async function start() {
  if (!navigator.serviceWorker) return false;
  registered ??= navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  try {
    const registration = await registered;
    if (!registration.active) await installed(registration.installing ?? registration.waiting);
    return Boolean(registration.active);
  } catch {
    // Private windows of some browsers refuse; the page does without.
    registered = null;
    return false;
  }
}

/** @param {ServiceWorker | null} worker */
function installed(worker) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => {
    if (!worker) return resolve();
    const changed = () => ["activated", "redundant"].includes(worker.state) && resolve();
    worker.addEventListener("statechange", changed);
    changed();
  }));
}

/** Shows a notification from the worker, the only way that Chrome on Android has; whether it could. */
export async function tell(title, options) {
  const registration = await navigator.serviceWorker?.getRegistration("/").catch(() => null);
  if (!registration?.active) return false;
  try {
    await registration.showNotification(title, options);
    return true;
  } catch {
    return false;
  }
}
