//! A keyed permutation of the numbers below `n`: which place each of those who joined has drawn.
//!
//! It is a generalised Feistel network over the rectangle of `a` times `b` squares that is the smallest about `n` (Black and
//! Rogaway, *Ciphers with Arbitrary Finite Domains*, 2002), with cycle walking for the few squares beyond. What each round
//! adds is drawn from SHA-256 in counter mode and kept in a table, so a place costs some twenty loads, and the table of a
//! million is drawn in less than a millisecond.

use sha2::{Digest, Sha256};

/// As in format-preserving encryption by NIST SP 800-38G.
const ROUNDS: usize = 10;
/// Fewer squares than these mix badly: there are too few ways to go.
const SQUARES_MIN: u64 = 256;

/// Where everybody goes, and from where.
#[derive(Debug, PartialEq, Eq)]
pub struct Permutation {
    n: u32,
    a: u32,
    b: u32,
    /// For each round what it adds, by the other coordinate: `a` entries for each, as `a` is not less than `b`.
    added: Box<[u16]>,
}

impl Permutation {
    /// Of the numbers below `n`.
    #[must_use]
    pub fn new(key: &[u8; 32], n: u32) -> Self {
        let squares = u64::from(n).max(SQUARES_MIN);
        let root = squares.isqrt();
        let a = if root * root == squares { root } else { root + 1 };
        let b = squares.div_ceil(a);
        let added = (0..ROUNDS).flat_map(|round| {
            let most = if round % 2 == 0 { a } else { b };
            (0..a.div_ceil(8)).flat_map(move |block| words(key, round as u32, block as u32)).take(a as usize).map(
                // Less than 65,536, as `n` has 32 bits. A word has as many, so that no remainder is much likelier than another.
                move |word| (u64::from(word) % most) as u16,
            )
        });
        let added = added.collect();
        Self { n, a: a as u32, b: b as u32, added }
    }

    /// How many are permuted.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.n
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Where `x` goes. What is not below `n` stays.
    #[must_use]
    pub fn forward(&self, mut x: u32) -> u32 {
        if x >= self.n {
            return x;
        }
        loop {
            let (mut l, mut r) = (x % self.a, x / self.a);
            for round in (0..ROUNDS).step_by(2) {
                l = plus(l, self.added(round, r), self.a);
                r = plus(r, self.added(round + 1, l), self.b);
            }
            // Whoever comes out on one of the squares beyond `n` walks on, and is back sooner or later: they go in circles.
            match u64::from(r) * u64::from(self.a) + u64::from(l) {
                y if y < u64::from(self.n) => return y as u32,
                y => x = y as u32,
            }
        }
    }

    /// Who goes to `y`.
    #[must_use]
    pub fn backward(&self, mut y: u32) -> u32 {
        if y >= self.n {
            return y;
        }
        loop {
            let (mut l, mut r) = (y % self.a, y / self.a);
            for round in (0..ROUNDS).step_by(2).rev() {
                r = plus(r, self.b - self.added(round + 1, l), self.b);
                l = plus(l, self.a - self.added(round, r), self.a);
            }
            match u64::from(r) * u64::from(self.a) + u64::from(l) {
                x if x < u64::from(self.n) => return x as u32,
                x => y = x as u32,
            }
        }
    }

    fn added(&self, round: usize, by: u32) -> u32 {
        u32::from(self.added[round * self.a as usize + by as usize])
    }
}

/// The sum, of which each is at most `modulus`.
fn plus(one: u32, other: u32, modulus: u32) -> u32 {
    let sum = one + other;
    if sum >= modulus { sum - modulus } else { sum }
}

/// Eight words of a round's stream.
fn words(key: &[u8; 32], round: u32, block: u32) -> [u32; 8] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(key)
        .chain_update(round.to_be_bytes())
        .chain_update(block.to_be_bytes())
        .finalize()
        .into();
    let (words, _) = digest.as_chunks::<4>();
    core::array::from_fn(|i| u32::from_be_bytes(words[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> [u8; 32] {
        Sha256::digest(n.to_be_bytes()).into()
    }

    #[test]
    fn everybody_has_a_place_and_every_place_somebody() {
        for n in 0..=2_000 {
            let permutation = Permutation::new(&key(n), n);
            let mut taken = vec![false; n as usize];
            for x in 0..n {
                let y = permutation.forward(x);
                assert!(!core::mem::replace(&mut taken[y as usize], true), "{n}: two go to {y}");
                assert_eq!(permutation.backward(y), x, "{n}: who goes to {y}");
            }
            assert_eq!((permutation.forward(n), permutation.backward(n)), (n, n), "beyond it nobody moves");
        }
    }

    #[test]
    fn the_largest_are_permuted_too() {
        for n in [65_536, 1_000_000, super::super::TICKETS_MAX, u32::MAX] {
            let permutation = Permutation::new(&key(n), n);
            for x in (0..n).step_by(n as usize / 1_000).chain([n - 1]) {
                let y = permutation.forward(x);
                assert!(y < n);
                assert_eq!(permutation.backward(y), x);
            }
        }
    }

    /// The largest distance between where the first half of those who joined came to stand and an even spread, against what
    /// chance brings about once in a hundred times (Kolmogorov and Smirnov).
    #[test]
    fn where_somebody_stands_says_nothing_of_when_they_joined() {
        const N: u32 = 6_000;
        let is_even = |seed: u32| {
            let permutation = Permutation::new(&key(seed), N);
            [0, N / 2, N - 600].into_iter().all(|from| {
                let sample = if from == N - 600 { 600 } else { N / 2 };
                let mut places: Vec<u32> = (from..from + sample).map(|x| permutation.forward(x)).collect();
                places.sort_unstable();
                let distance = |(i, &place): (usize, &u32)| {
                    let expected = f64::from(place) / f64::from(N);
                    let [below, up_to] = [i, i + 1].map(|i| i as f64 / f64::from(sample));
                    (expected - below).abs().max((up_to - expected).abs())
                };
                let most = places.iter().enumerate().map(distance).fold(0.0, f64::max);
                most < 1.628 / f64::from(sample).sqrt()
            })
        };
        let even = (0..20).filter(|&seed| is_even(seed)).count();
        assert!(even >= 18, "only {even} of 20 draws are even");
    }

    /// All orders of four come about as often, within what chance explains.
    #[test]
    fn few_are_drawn_as_fairly_as_many() {
        let mut counts = std::collections::HashMap::<[u32; 4], u32>::new();
        for seed in 0..4_800 {
            let permutation = Permutation::new(&key(seed), 4);
            *counts.entry(core::array::from_fn(|x| permutation.forward(x as u32))).or_default() += 1;
        }
        let off = |&count: &u32| (f64::from(count) - 200.0).powi(2) / 200.0;
        // 23 degrees of freedom: 49.7 is passed once in a thousand times.
        let chi: f64 = counts.values().map(off).sum::<f64>() + (24 - counts.len()) as f64 * 200.0;
        assert!(chi < 49.7, "{chi}: {counts:?}");
    }

    /// Places that were told must be found again by programs of later years.
    #[test]
    fn the_algorithm_never_changes() {
        let permutation = Permutation::new(&[7; 32], 1_000);
        let places: [u32; 8] = core::array::from_fn(|x| permutation.forward(x as u32));
        assert_eq!(places, [727, 612, 164, 464, 193, 777, 493, 716]);
    }
}
