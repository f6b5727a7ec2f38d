// Does the work for a new place beside the page, so that nothing on it waits.

import { search, seed } from "./solve.js";

const STEP = 1_000_000;

addEventListener("message", ({ data: { challenge, bits, person } }) => {
  const begin = seed(challenge, person);
  let [from, nonce] = [0, null];
  for (; nonce === null; from += STEP) nonce = search(begin, bits, from, STEP);
  postMessage(nonce);
});
