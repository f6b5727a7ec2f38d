// One tab at a time, where the browser has locks to give.

/** Runs `work` with the lock of this name, as `options` ask for it, and hands it the lock. Without HTTPS there are no
 * locks, and where site data is blocked each is refused: then it runs all the same, with `true` for the lock.
 * @template T
 * @param {string} name
 * @param {LockOptions} options
 * @param {(lock: Lock | true | null) => Promise<T>} work
 * @returns {Promise<T>} */
export async function locked(name, options, work) {
  let begun = false;
  const begin = (lock) => {
    begun = true;
    return work(lock);
  };
  try {
    return await navigator.locks.request(name, options, begin);
  } catch (error) {
    if (begun) throw error;
    return work(true);
  }
}
