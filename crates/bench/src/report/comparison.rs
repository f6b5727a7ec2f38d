//! One path of ours beside the floor.

use serde::Serialize;

use super::{LatencyComparison, Verdict};
use crate::measure::{Round, Spread};

/// What one side came to: medians over the rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct SideFigures {
    /// Requests per second of the server's CPU time.
    pub(crate) per_cpu_second: f64,
    /// Requests per second of wall time.
    pub(crate) per_second: f64,
    /// Cores that the server used on average.
    pub(crate) cores_busy: f64,
}

impl SideFigures {
    pub(crate) fn of(rounds: &[Round]) -> Self {
        let median = |figure: fn(&Round) -> f64| Spread::of(rounds.iter().map(figure)).median;
        Self {
            per_cpu_second: median(Round::per_cpu_second),
            per_second: median(Round::per_second),
            cores_busy: median(Round::cores_busy),
        }
    }

    /// The server's CPU time for one request, in microseconds.
    pub(crate) fn cpu_us(&self) -> f64 {
        1e6 / self.per_cpu_second
    }
}

/// One row of the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) name: String,
    /// Of the replies, on both sides.
    pub(crate) status: u16,
    pub(crate) body_bytes: usize,
    pub(crate) ours: SideFigures,
    pub(crate) floor: SideFigures,
    /// Ours to the floor, by requests per second of CPU time, over the pairs.
    pub(crate) ratio: Spread,
    pub(crate) ratio_min: f64,
    pub(crate) latency: Option<LatencyComparison>,
    pub(crate) notes: Vec<String>,
}

impl Comparison {
    pub(crate) fn verdict(&self) -> Verdict {
        let latency = self.latency.as_ref().map_or(Verdict::Pass, LatencyComparison::verdict);
        if self.ratio.median < self.ratio_min || latency == Verdict::Miss { Verdict::Miss } else { latency }
    }
}
