//! The figures of one moment, by name, and how those of several moments become one.

use serde_json::{Map, Value};

/// How a longer span's figure comes of its parts'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fold {
    /// Rates and levels.
    Mean,
    /// What must not hide in a mean.
    Max,
    /// Counts that only grow.
    Last,
}

/// All figures. Rates are per second; durations are in milliseconds.
macro_rules! figures {
    ($($name:ident $key:literal $fold:ident,)*) => {
        /// The figures of one span.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub(crate) struct Figures {
            $(pub(crate) $name: f64,)*
        }

        impl Figures {
            /// The names, as they are in JSON.
            pub(crate) const NAMES: &[&str] = &[$($key),*];

            fn values(&self) -> Vec<f64> {
                vec![$(self.$name),*]
            }

            /// The figures of a span, of those of its parts.
            pub(crate) fn folded(parts: &[Self]) -> Self {
                let mut whole = Self::default();
                $(whole.$name = fold(Fold::$fold, parts.iter().map(|part| part.$name));)*
                whole
            }

            /// From what [`Figures::json`] made, also in another version: what it did not know is 0.
            pub(crate) fn read(json: &str) -> Option<Self> {
                let read: Map<String, Value> = serde_json::from_str(json).ok()?;
                let value = |key: &str| read.get(key).and_then(Value::as_f64).unwrap_or(0.0);
                Some(Self { $($name: value($key),)* })
            }
        }
    };
}

figures! {
    arrivals "arrivalsPerSecond" Mean,
    waiting "waiting" Mean,
    active "active" Mean,
    admitted "admittedPerSecond" Mean,
    wait_s "estimatedWaitSeconds" Max,
    held "heldSeats" Mean,
    sold "soldSeats" Last,
    available "availableSeats" Last,
    holds "holdsPerSecond" Mean,
    payments "paymentsPerSecond" Mean,
    lapses "lapsesPerSecond" Mean,
    drops "dropsPerSecond" Mean,
    revenue "revenue" Last,
    charged "charged" Last,
    requests "requestsPerSecond" Mean,
    refusals "refusalsPerSecond" Mean,
    failures "failuresPerSecond" Mean,
    p50_ms "latencyP50Ms" Max,
    p99_ms "latencyP99Ms" Max,
    p999_ms "latencyP999Ms" Max,
    commit_p50_ms "commitP50Ms" Max,
    commit_p99_ms "commitP99Ms" Max,
    batch "commandsPerEntry" Mean,
    entries "entriesPerSecond" Mean,
    lag "projectionLag" Max,
    backlog "projectionBacklog" Max,
    streams "streams" Mean,
    seq "seq" Last,
}

fn fold(how: Fold, values: impl Iterator<Item = f64> + Clone) -> f64 {
    match how {
        Fold::Mean => {
            let count = values.clone().count();
            if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
        }
        Fold::Max => values.fold(0.0, f64::max),
        Fold::Last => values.last().unwrap_or(0.0),
    }
}

/// To three digits after the point: more would be noise, and take room for a night.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

impl Figures {
    /// Names and values, in the order of [`Figures::NAMES`].
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'static str, f64)> {
        Self::NAMES.iter().copied().zip(self.values().into_iter().map(rounded))
    }

    /// A JSON object.
    pub(crate) fn json(&self) -> String {
        let pairs: Map<String, Value> = self.pairs().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Value::Object(pairs).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_means_of_levels_the_worst_of_latencies_and_the_last_of_counts() {
        let part = |n: f64| Figures { waiting: n, p99_ms: 10.0 - n, revenue: n * 100.0, ..Figures::default() };
        let whole = Figures::folded(&[part(1.0), part(2.0), part(6.0)]);
        assert_eq!((whole.waiting, whole.p99_ms, whole.revenue), (3.0, 9.0, 600.0));
        assert_eq!(Figures::folded(&[]), Figures::default());
    }

    #[test]
    fn what_was_written_is_read_and_what_is_missing_is_nothing() {
        let figures = Figures { waiting: 12.345, seq: 1_200.0, ..Figures::default() };
        assert_eq!(Figures::read(&figures.json()), Some(figures));
        assert_eq!(Figures::read("{\"waiting\":1,\"gone\":2}"), Some(Figures { waiting: 1.0, ..Figures::default() }));
        assert_eq!(Figures::read("no"), None);
    }
}
