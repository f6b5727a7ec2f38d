//! The independent audit's results.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that must hold.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable, in snake case: `seat_sold_once`. See [`crate::audit::Rule`] for all of them.
    pub id: String,
    /// In words: "No seat is sold twice".
    pub title: String,
    /// The part of the run that it was judged in: `journey`, `crash`, `seat`, …
    pub part: String,
    /// How many cases were judged. None at all is a failure: a check that saw nothing has shown nothing. One that saw nothing
    /// as its load was late is not among the checks, but among what was left out.
    pub cases: u64,
    /// How many of them were wrong.
    pub wrong: u64,
    pub passed: bool,
    /// The first wrong cases, in words, at most five.
    pub examples: Vec<String>,
}

impl Check {
    /// The most wrong cases that are told in words.
    pub(crate) const EXAMPLES_MAX: usize = 5;

    /// Takes over what the same check has found elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        if self.cases == 0 {
            self.examples.clear();
        }
        if other.cases > 0 {
            self.examples.extend(other.examples);
            self.examples.truncate(Self::EXAMPLES_MAX);
        }
        self.cases += other.cases;
        self.wrong += other.wrong;
        self.passed = self.cases > 0 && self.wrong == 0;
    }
}
