//! One endpoint under test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Figure, Step};

/// An endpoint, and all that was shown about it.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Target {
    /// `token`, `check`, `schedule`, `seat`, `reserve`, or another of the eight.
    pub id: String,
    /// `POST /v1/api/queue/token`.
    pub endpoint: String,
    /// Why it is tested, in words.
    pub why: String,
    /// What the run says about it, in one or two sentences with figures.
    pub conclusion: String,
    /// The highest rate within the thresholds; `null` where it was not searched for.
    pub capacity: Option<Capacity>,
    /// The test points, in the order of the document.
    pub parts: Vec<Part>,
}

/// One test point.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Part {
    /// Stable, in snake case: `consistency`, `cache`, `one_hot_seat`, …
    pub id: String,
    pub title: String,
    pub figures: Vec<Figure>,
    pub steps: Vec<Step>,
    /// What a reader must know to read the figures.
    pub notes: Vec<String>,
}

/// The last valid step with p99 under the limit, found by search.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Capacity {
    /// Arrivals per second.
    pub per_second: f64,
    /// Its p99, in milliseconds.
    pub p99_ms: f64,
    /// The limit of p99, in milliseconds.
    pub p99_limit_ms: f64,
    /// What ended the search.
    pub ended_by: EndedBy,
    /// The same in words, with figures.
    pub ended_why: String,
    /// Why the step that it stands on is invalid, so that it is no figure of the server's: of a quick run alone.
    #[serde(default)]
    pub unproven: Option<String>,
    /// Over the runs, where there were several: least and greatest.
    pub spread: Option<super::Spread>,
}

/// What ended a search for capacity.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// p99 over the limit.
    Latency,
    /// Too many failures.
    Failures,
    /// The generator was late: the capacity is at least this, and the server's limit was not reached.
    Generator,
    /// The plan's highest rate was reached.
    Plan,
}
