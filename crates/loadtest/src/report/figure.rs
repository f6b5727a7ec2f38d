//! A measured value with its unit, its spread and its source, or the reason why there is none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One figure, or the reason why it is missing.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Figure {
    /// Stable, in snake case, unique within its part.
    pub id: String,
    /// In words.
    pub title: String,
    /// `null` where it could not be observed. The median where there were several runs.
    pub value: Option<f64>,
    /// `ms`, `/s`, `bytes`, `cores`, `µs`, `%`, or empty for plain numbers.
    pub unit: String,
    /// Over the runs, where there were several.
    pub spread: Option<Spread>,
    /// Why there is no value. `null` where there is one.
    pub reason: Option<String>,
    /// Where it comes from: `client`, `/metrics onsale_list_lookups_total`, `/proc/PID/stat`, …
    pub source: String,
}

/// The least and the greatest of several runs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Spread {
    pub min: f64,
    pub max: f64,
    pub runs: u32,
}

impl Figure {
    /// A figure that was observed.
    #[must_use]
    pub fn new(id: &str, title: &str, value: f64, unit: &str, source: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            value: Some(value),
            unit: unit.to_owned(),
            spread: None,
            reason: None,
            source: source.to_owned(),
        }
    }

    /// A figure that may not have been observed: `reason` tells why where it was not.
    #[must_use]
    pub fn maybe(id: &str, title: &str, value: Option<f64>, unit: &str, source: &str, reason: &str) -> Self {
        let value = value.filter(|value| value.is_finite());
        let reason = value.is_none().then(|| reason.to_owned());
        Self { value, reason, ..Self::new(id, title, 0.0, unit, source) }
    }

    /// It was measured by a load that was late, so it is none of the server's.
    pub(crate) fn distrust(&mut self, reason: &str) {
        (self.value, self.spread, self.reason) = (None, None, Some(reason.to_owned()));
    }

    /// The median of several runs, with their spread.
    #[must_use]
    pub fn of_runs(id: &str, title: &str, runs: &[f64], unit: &str, source: &str) -> Self {
        let mut sorted = runs.to_vec();
        sorted.sort_by(f64::total_cmp);
        let median = median(&sorted);
        let spread = sorted.first().zip(sorted.last()).filter(|_| sorted.len() > 1);
        Self {
            spread: spread.map(|(&min, &max)| Spread {
                min,
                max,
                runs: u32::try_from(sorted.len()).unwrap_or(u32::MAX),
            }),
            ..Self::maybe(id, title, median, unit, source, "no run was made")
        }
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_runs_give_their_median_and_spread() {
        let figure = Figure::of_runs("a", "A", &[3.0, 1.0, 2.0, 10.0], "ms", "client");
        assert_eq!(figure.value, Some(2.5));
        assert_eq!(figure.spread, Some(Spread { min: 1.0, max: 10.0, runs: 4 }));
        assert_eq!(Figure::of_runs("a", "A", &[3.0], "ms", "client").spread, None);
    }

    #[test]
    fn a_reason_stands_only_where_there_is_no_value() {
        let there = Figure::maybe("a", "A", Some(1.0), "ms", "client", "why");
        assert_eq!((there.value, there.reason), (Some(1.0), None));
        let not_a_number = Figure::maybe("a", "A", Some(f64::NAN), "ms", "client", "why");
        assert_eq!((not_a_number.value, not_a_number.reason.as_deref()), (None, Some("why")));
    }
}
