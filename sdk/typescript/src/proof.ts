import type { Schemas } from "./api.js";

/** Attempts between two breaths: whoever shares the thread waits some milliseconds. */
const PIECE = 10_000;

/**
 * Does the work that a queue may ask of whoever joins (`GET /v1/queues/{name}/proof`, or `proof` of a PROOF_REQUIRED), and gives what
 * goes into `proof`. `person` is the `userId` in decimal, or the entry token's `sub`. `Onsale.join` calls it by itself.
 */
export async function solve({ challenge, bits }: Schemas["Work"], person: string, signal?: AbortSignal): Promise<string> {
  const state = sha256(new TextEncoder().encode(`onsale-proof-1\n${challenge}\n${person}`));
  const attempt = new Uint8Array(40);
  const view = new DataView(attempt.buffer);
  state.forEach((word, at) => view.setInt32(4 * at, word));
  for (let nonce = 0; ; nonce++) {
    view.setUint32(32, Math.floor(nonce / 2 ** 32));
    view.setUint32(36, nonce >>> 0);
    if (Math.clz32(sha256(attempt)[0]!) >= bits) return `${challenge}.${nonce}`;
    if (nonce % PIECE === PIECE - 1) {
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
  }
}

/** Whom an entry token names. Only the server can tell whether it is so. */
export function subjectOf(entryToken: string): string {
  const said = entryToken.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
  const bytes = Uint8Array.from(atob(said), (byte) => byte.charCodeAt(0));
  return String((JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown }).sub ?? "");
}

const PRIMES: number[] = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const W = new Int32Array(64);

/** FIPS 180-4. The runtime's own waits for a promise with each hash, and is there on HTTPS alone. */
function sha256(bytes: Uint8Array): Int32Array {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = START.slice();
  const turn = (x: number, by: number) => (x >>> by) | (x << (32 - by));
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i++) W[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [W[i - 15]!, W[i - 2]!];
      W[i] = W[i - 16]! + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7]! + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + W[i]!) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => (state[at]! += word));
  }
  return state;
}
