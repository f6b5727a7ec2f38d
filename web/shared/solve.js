// The work that a new place may take (docs/bots.md): a number is tried until a hash begins with so many zero bits.
//
// SHA-256 (FIPS 180-4) by hand: the browser's own is there on HTTPS alone, and is asked for one hash at a time, which costs more than
// the hash does.

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);

/** The first 32 bits of what stands behind the point. */
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const words = new Int32Array(64);

/** Takes the block in the first sixteen of `words` into `state`.
 * @param {Int32Array} state */
function compress(state) {
  for (let i = 16; i < 64; i += 1) {
    const [x, y] = [words[i - 15], words[i - 2]];
    const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + small + words[i - 7] + large) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + high + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/** The hash of a text, as eight words.
 * @param {string} text */
export function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const state = START.slice();
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(block + 4 * i);
    compress(state);
  }
  return state;
}

/** What every attempt for this person begins with.
 * @param {string} challenge
 * @param {string} person */
export const seed = (challenge, person) => sha256(`onsale-proof-1\n${challenge}\n${person}`);

/** Tries so many numbers from `from` on: the first that will do, or null.
 * @param {Int32Array} seed
 * @param {number} bits
 * @param {number} from
 * @param {number} count */
export function search(seed, bits, from, count) {
  const state = new Int32Array(8);
  for (let nonce = from; nonce < from + count; nonce += 1) {
    state.set(START);
    words.set(seed);
    words[8] = Math.floor(nonce / 2 ** 32);
    words[9] = nonce | 0;
    words.fill(0, 10, 16);
    words[10] = 0x80000000 | 0;
    words[15] = 40 * 8;
    compress(state);
    if (Math.clz32(state[0]) >= bits) return nonce;
  }
  return null;
}
