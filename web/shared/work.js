// Does the work that a new place takes (docs/bots.md), beside the page where it can.

/** Without a worker the page does it itself, in pieces that nobody feels. */
const PIECE = 5_000;

/** The proof that this person shows.
 * @param {Pick<Wire.Work, "challenge" | "bits">} work
 * @param {string} person */
export async function solve({ challenge, bits }, person) {
  const nonce = await beside(challenge, bits, person).catch(() => inPieces(challenge, bits, person));
  return `${challenge}.${nonce}`;
}

/** In a worker.
 * @returns {Promise<number>} */
function beside(challenge, bits, person) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("prover.js", import.meta.url), { type: "module" });
    const end = (then, what) => (worker.terminate(), then(what));
    worker.addEventListener("message", ({ data }) => end(resolve, data));
    worker.addEventListener("error", (error) => end(reject, error));
    worker.postMessage({ challenge, bits, person });
  });
}

async function inPieces(challenge, bits, person) {
  // Hardly anybody needs it here, so it is not among what everybody loads.
  const { search, seed } = await import("./solve.js");
  const begin = seed(challenge, person);
  for (let from = 0; ; from += PIECE) {
    const nonce = search(begin, bits, from, PIECE);
    if (nonce !== null) return nonce;
    await new Promise((resolve) => setTimeout(resolve));
  }
}
