//! Latencies at a fixed rate, and what they may be.

use serde::Serialize;

use super::Verdict;
use crate::load::Report;
use crate::measure::Spread;

/// From the intended start of a request to its whole reply, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

impl Latency {
    pub(crate) fn of(report: &Report) -> Self {
        let microseconds = |quantile| report.latency_at(quantile).as_secs_f64() * 1e6;
        Self { p50_us: microseconds(0.5), p99_us: microseconds(0.99) }
    }

    /// The median of each quantile.
    ///
    /// # Panics
    /// When there are no rounds.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |quantile: fn(&Self) -> f64| Spread::of(rounds.iter().map(quantile)).median;
        Self { p50_us: of(|round| round.p50_us), p99_us: of(|round| round.p99_us) }
    }
}

/// What the p99 of ours must keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LatencyTarget {
    /// At most this many times the floor's at the same rate.
    TimesFloor(f64),
    /// Under this many microseconds.
    BelowUs(f64),
}

/// Both sides at one rate.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LatencyComparison {
    /// The rate, in requests per second: half of what ours can do.
    pub(crate) per_second: f64,
    pub(crate) ours: Latency,
    pub(crate) floor: Latency,
    pub(crate) target: LatencyTarget,
    /// Whether the generator kept its schedule in every round.
    pub(crate) is_on_time: bool,
}

impl LatencyComparison {
    pub(crate) fn verdict(&self) -> Verdict {
        if !self.is_on_time {
            return Verdict::Invalid;
        }
        let is_met = match self.target {
            LatencyTarget::TimesFloor(times) => self.ours.p99_us <= times * self.floor.p99_us,
            LatencyTarget::BelowUs(limit) => self.ours.p99_us < limit,
        };
        if is_met { Verdict::Pass } else { Verdict::Miss }
    }

    /// One line for people.
    pub(crate) fn text(&self) -> String {
        let target = match self.target {
            LatencyTarget::TimesFloor(times) => format!("at most {times} × the floor's"),
            LatencyTarget::BelowUs(limit) => format!("under {:.0} ms", limit / 1e3),
        };
        format!(
            "at {:.0}/s p50 {:.0} µs, p99 {:.0} µs (floor {:.0}, {:.0}); p99 {target}: {}",
            self.per_second,
            self.ours.p50_us,
            self.ours.p99_us,
            self.floor.p50_us,
            self.floor.p99_us,
            self.verdict().text()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(ours: f64, target: LatencyTarget, is_on_time: bool) -> Verdict {
        let latency = |p99_us| Latency { p50_us: 1.0, p99_us };
        let (ours, floor) = (latency(ours), latency(100.0));
        LatencyComparison { per_second: 1.0, ours, floor, target, is_on_time }.verdict()
    }

    #[test]
    fn a_target_is_met_up_to_its_limit() {
        assert_eq!(verdict(150.0, LatencyTarget::TimesFloor(1.5), true), Verdict::Pass);
        assert_eq!(verdict(151.0, LatencyTarget::TimesFloor(1.5), true), Verdict::Miss);
        assert_eq!(verdict(19_999.0, LatencyTarget::BelowUs(20_000.0), true), Verdict::Pass);
        assert_eq!(verdict(20_000.0, LatencyTarget::BelowUs(20_000.0), true), Verdict::Miss);
    }

    #[test]
    fn a_late_generator_decides_nothing() {
        assert_eq!(verdict(1.0, LatencyTarget::TimesFloor(1.5), false), Verdict::Invalid);
    }
}
