//! What the benchmark found, for people and for programs.

mod comparison;
mod json;
mod latency;
mod machine;
mod table;

use serde::Serialize;

pub(crate) use comparison::{Comparison, SideFigures};
pub(crate) use json::json;
pub(crate) use latency::{Latency, LatencyComparison, LatencyTarget};
pub(crate) use machine::Machine;
pub(crate) use table::write;

/// Whether a target was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Pass,
    Miss,
    /// The generator was late, so the figure is not the server's.
    Invalid,
}

impl Verdict {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "MISS",
            Self::Invalid => "INVALID",
        }
    }
}

/// One number that must not exceed a limit.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) limit: f64,
    pub(crate) verdict: Verdict,
    pub(crate) notes: Vec<String>,
}

impl Figure {
    /// A figure that passes when `value` is at most `limit`.
    pub(crate) fn at_most(name: &str, value: f64, unit: &'static str, limit: f64, notes: Vec<String>) -> Self {
        let verdict = if value <= limit { Verdict::Pass } else { Verdict::Miss };
        Self { name: name.to_owned(), value, unit, limit, verdict, notes }
    }
}

/// An experiment that came to no figures.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) experiment: String,
    pub(crate) error: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) failures: Vec<Failure>,
}

impl Findings {
    pub(crate) fn append(&mut self, mut other: Self) {
        self.comparisons.append(&mut other.comparisons);
        self.figures.append(&mut other.figures);
        self.failures.append(&mut other.failures);
    }

    /// The worst of all verdicts: a miss outweighs a figure that is invalid or that is not there.
    pub(crate) fn verdict(&self) -> Verdict {
        let comparisons = self.comparisons.iter().map(Comparison::verdict);
        let mut verdict = if self.failures.is_empty() { Verdict::Pass } else { Verdict::Invalid };
        for each in comparisons.chain(self.figures.iter().map(|figure| figure.verdict)) {
            verdict = match (verdict, each) {
                (Verdict::Miss, _) | (_, Verdict::Miss) => Verdict::Miss,
                (Verdict::Invalid, _) | (_, Verdict::Invalid) => Verdict::Invalid,
                (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
            };
        }
        verdict
    }
}

impl From<Comparison> for Findings {
    fn from(comparison: Comparison) -> Self {
        Self { comparisons: vec![comparison], ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_miss_is_a_miss_of_the_whole() {
        let figure = |value| Figure::at_most("size", value, "×", 1.2, Vec::new());
        let mut findings = Findings { figures: vec![figure(1.2)], ..Findings::default() };
        assert_eq!(findings.verdict(), Verdict::Pass);
        findings.append(Findings { figures: vec![figure(1.3)], ..Findings::default() });
        assert_eq!(findings.verdict(), Verdict::Miss);
    }
}
