//! The whole journey, and the run in which the server died.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Figure, Step};

/// Everybody's way from the queue to a paid seat, until nothing is left.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Journey {
    pub seats: u64,
    /// People who came.
    pub people: u64,
    /// From the first arrival to the last seat paid, in seconds; `null` where it was not sold out in time.
    pub sold_out_s: Option<f64>,
    /// Seats left at the end.
    pub seats_left: u64,
    /// How 50,000 seats would go at the pace that was seen, in seconds; equal to `sold_out_s` where the plan had as
    /// many.
    pub stadium_s: Option<f64>,
    pub curve: SellOut,
    pub figures: Vec<Figure>,
    /// One for each call that people make, with its latencies.
    pub steps: Vec<Step>,
    pub notes: Vec<String>,
}

impl Journey {
    /// Whether the load was late, so that its times are none of the server's.
    pub(crate) fn is_late(&self) -> bool {
        self.steps.iter().any(|step| !step.valid)
    }
}

/// The sell-out curve. All columns have the same length.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct SellOut {
    pub at_s: Vec<f64>,
    /// Running totals, by the client's own history.
    pub arrived: Vec<u64>,
    pub admitted: Vec<u64>,
    pub held: Vec<u64>,
    pub paid: Vec<u64>,
    pub left: Vec<u64>,
}

/// The server killed in the middle, and started again.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Crash {
    /// How it was ended: `SIGKILL`.
    pub signal: String,
    /// When, in seconds since the start of the load.
    pub killed_at_s: f64,
    /// From the kill to the announcement of its address, and to the first answer.
    pub restarted_after_ms: f64,
    pub first_answer_after_ms: f64,
    /// Writes that had been acknowledged before the kill.
    pub acknowledged: u64,
    /// Acknowledged, and not there afterwards.
    pub lost: u64,
    /// Writes that were out when it died: done or not, and both is right.
    pub in_flight: u64,
    /// Those of them that turned out to be done, by their idempotent retry.
    pub in_flight_done: u64,
    pub figures: Vec<Figure>,
    /// The load over time, the gap in it included.
    pub step: Step,
    pub notes: Vec<String>,
}
