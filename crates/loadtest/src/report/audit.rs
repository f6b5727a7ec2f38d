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
    /// How many cases were judged. None at all is a failure: a check that saw nothing has shown nothing.
    pub cases: u64,
    /// How many of them were wrong.
    pub wrong: u64,
    pub passed: bool,
    /// The first wrong cases, in words, at most five.
    pub examples: Vec<String>,
}
