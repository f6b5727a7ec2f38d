//! Pauses between two tries of what is away.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::SmallRng;

/// A pause that grows with each try.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    length: Duration,
    bounds: Bounds,
}

/// The shortest and the longest pause.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub shortest: Duration,
    pub longest: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { shortest: Duration::from_millis(20), longest: Duration::from_millis(200) }
    }
}

impl Pause {
    pub fn new(bounds: Bounds) -> Self {
        Self { length: bounds.shortest, bounds }
    }

    /// What is away has answered: the next pause is a short one.
    pub fn reset(&mut self) {
        self.length = self.bounds.shortest;
    }

    /// Whether there was no pause yet.
    pub fn is_first(self) -> bool {
        self.length == self.bounds.shortest
    }

    /// How long to wait now. From half of the pause to one and a half: nodes that lost the same database do not come back at
    /// the same moment.
    pub fn next(&mut self, chance: &mut SmallRng) -> Duration {
        let length = self.length;
        self.length = (length * 2).min(self.bounds.longest);
        length.mul_f64(0.5 + chance.random::<f64>())
    }
}
