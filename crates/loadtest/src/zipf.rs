//! Favourites: the first is wanted most.

use rand::{Rng, RngExt as _};

/// Ranks from 0, each wanted in proportion to `1 / (rank + 1)^exponent`.
#[derive(Clone, Debug)]
pub struct Zipf {
    /// How much all ranks up to each one are wanted.
    sums: Vec<f64>,
}

impl Zipf {
    /// # Panics
    /// When there are no ranks.
    #[must_use]
    pub fn new(ranks: usize, exponent: f64) -> Self {
        assert!(ranks > 0, "favourites of nothing");
        let mut sum = 0.0;
        let sums = (1..=ranks).map(|rank| {
            sum += (rank as f64).powf(-exponent);
            sum
        });
        Self { sums: sums.collect() }
    }

    /// A rank.
    pub fn pick(&self, random: &mut impl Rng) -> usize {
        let whole = self.sums[self.sums.len() - 1];
        let place = random.random::<f64>() * whole;
        self.sums.partition_point(|&sum| sum < place).min(self.sums.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn the_first_is_wanted_most_and_nothing_is_out_of_reach() {
        let mut random = SmallRng::seed_from_u64(1);
        let zipf = Zipf::new(10, 1.0);
        let mut counts = [0; 10];
        for _ in 0..100_000 {
            counts[zipf.pick(&mut random)] += 1;
        }
        assert!(counts.is_sorted_by(|a, b| a > b), "{counts:?}");
        let mut even = [0; 4];
        for _ in 0..4_000 {
            even[Zipf::new(4, 0.0).pick(&mut random)] += 1;
        }
        assert!(even.iter().all(|&count| count > 800), "{even:?}");
    }
}
