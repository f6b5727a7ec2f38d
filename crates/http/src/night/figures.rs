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

/// How a figure of the whole store comes of its nodes'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// All nodes apply all entries: any of them knows it.
    Same,
    /// Each node knows its part.
    Sum,
    /// The worst node's.
    Worst,
    /// The mean over all entries that nodes have appended.
    ByEntry,
}

/// All figures. Rates are per second; durations are in milliseconds.
macro_rules! figures {
    ($($name:ident $key:literal $fold:ident $join:ident,)*) => {
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

            /// The figures of all nodes, of this one's own and the others'.
            pub(crate) fn joined(&self, others: &[Self]) -> Self {
                let mut whole = *self;
                $(whole.$name = self.join(Join::$join, others, |node| node.$name);)*
                whole
            }

            /// From values by name: what is not there is 0.
            pub(crate) fn of(value: impl Fn(&str) -> Option<f64>) -> Self {
                Self { $($name: value($key).unwrap_or(0.0),)* }
            }
        }
    };
}

figures! {
    arrivals "arrivalsPerSecond" Mean Same,
    waiting "waiting" Mean Same,
    active "active" Mean Same,
    admitted "admittedPerSecond" Mean Same,
    wait_s "estimatedWaitSeconds" Max Same,
    held "heldSeats" Mean Same,
    sold "soldSeats" Last Same,
    available "availableSeats" Last Same,
    withheld "withheldSeats" Last Same,
    holds "holdsPerSecond" Mean Same,
    payments "paymentsPerSecond" Mean Same,
    lapses "lapsesPerSecond" Mean Same,
    drops "dropsPerSecond" Mean Same,
    revenue "revenue" Last Same,
    charged "charged" Last Same,
    requests "requestsPerSecond" Mean Sum,
    refusals "refusalsPerSecond" Mean Sum,
    failures "failuresPerSecond" Mean Sum,
    p50_ms "latencyP50Ms" Max Worst,
    p99_ms "latencyP99Ms" Max Worst,
    p999_ms "latencyP999Ms" Max Worst,
    commit_p50_ms "commitP50Ms" Max Worst,
    commit_p99_ms "commitP99Ms" Max Worst,
    batch "commandsPerEntry" Mean ByEntry,
    entries "entriesPerSecond" Mean Sum,
    lag "projectionLag" Max Worst,
    backlog "projectionBacklog" Max Worst,
    streams "streams" Mean Sum,
    seq "seq" Last Worst,
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
    fn join(&self, how: Join, others: &[Self], figure: impl Fn(&Self) -> f64) -> f64 {
        let all = || others.iter().chain([self]);
        match how {
            Join::Same => figure(self),
            Join::Sum => all().map(figure).sum(),
            Join::Worst => all().map(figure).fold(0.0, f64::max),
            Join::ByEntry => {
                let entries: f64 = all().map(|node| node.entries).sum();
                if entries > 0.0 { all().map(|node| figure(node) * node.entries).sum::<f64>() / entries } else { 0.0 }
            }
        }
    }

    /// From what [`Figures::json`] made, also in another version.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let read: Map<String, Value> = serde_json::from_str(json).ok()?;
        Some(Self::of(|name| read.get(name).and_then(Value::as_f64)))
    }

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
    fn nodes_add_up_what_each_has_a_part_of_and_agree_on_the_rest() {
        let node = |waiting, requests, p99_ms, entries, batch| Figures {
            waiting,
            requests,
            p99_ms,
            entries,
            batch,
            ..Figures::default()
        };
        let whole =
            node(9.0, 1.0, 5.0, 1.0, 4.0).joined(&[node(8.0, 2.0, 7.0, 3.0, 8.0), node(9.0, 4.0, 6.0, 0.0, 0.0)]);
        assert_eq!(whole, node(9.0, 7.0, 7.0, 4.0, 7.0));
        assert_eq!(node(1.0, 2.0, 3.0, 4.0, 5.0).joined(&[]), node(1.0, 2.0, 3.0, 4.0, 5.0));
    }

    #[test]
    fn what_was_written_is_read_and_what_is_missing_is_nothing() {
        let figures = Figures { waiting: 12.345, seq: 1_200.0, ..Figures::default() };
        assert_eq!(Figures::read(&figures.json()), Some(figures));
        assert_eq!(Figures::read("{\"waiting\":1,\"gone\":2}"), Some(Figures { waiting: 1.0, ..Figures::default() }));
        assert_eq!(Figures::read("no"), None);
    }
}
