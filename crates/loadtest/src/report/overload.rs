//! More than the server can do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Figure, Step};

/// Multiples of the capacity of durable writes.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Overload {
    /// The capacity that the multiples are of: durable writes per second with the settings of this part.
    pub capacity_per_second: f64,
    /// Why the step that found it is invalid; then the multiples are of no known capacity, and no limit is judged.
    #[serde(default)]
    pub capacity_invalid: Option<String>,
    /// The highest useful work of a step that is valid, writes per second; the percentages are of this.
    pub peak_per_second: f64,
    pub multiples: Vec<Multiple>,
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Multiple {
    /// What the plan asked for: 2, 5, 10.
    pub asked: f64,
    /// What was really offered, as a multiple of the capacity.
    pub offered: f64,
    /// Writes that were acknowledged, per second.
    pub useful_per_second: f64,
    /// Of the peak.
    pub useful_percent: f64,
    /// Answered 503: nothing was done.
    pub refused: u64,
    /// p99 of the refusals, in milliseconds: a full house must say so at once.
    pub refusal_p99_ms: Option<f64>,
    pub step: Step,
}
