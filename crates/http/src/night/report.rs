//! What a node tells the others of itself, once a second.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figures::Figures;
use crate::metrics::{RouteCounts, RouteTotals};

/// A node, as it says itself. Nodes of other versions may leave out what they do not know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The highest level that it raises the store to; 0 where a version before levels says nothing of it.
    pub(crate) level_max: u32,
    /// When it began to serve, in milliseconds since 1970.
    pub(crate) started_at_ms: u64,
    /// The last entry that it has applied, with its time, and that its tables hold.
    pub(crate) seq: u64,
    pub(crate) time_ms: u64,
    pub(crate) projected_seq: u64,
    pub(crate) pending: usize,
    pub(crate) streams: usize,
    pub(crate) ready: bool,
    pub(crate) journal_full: bool,
    pub(crate) clock_ahead_ms: i64,
    /// The store's time as it counts it, in milliseconds since 1970: a node that starts beside it goes on with that.
    pub(crate) now_ms: Option<u64>,
    /// Its last second.
    pub(crate) figures: BTreeMap<String, Value>,
    /// The requests of the last seconds, by route, and how many seconds.
    pub(crate) routes: BTreeMap<String, RouteCounts>,
    pub(crate) routes_seconds: f64,
    /// Refusals since its start, by code.
    pub(crate) refused: BTreeMap<String, u64>,
    /// What the sites behind its gates have said of themselves last.
    pub(crate) sites: BTreeMap<String, Said>,
}

/// What a site behind a gate said of itself, and in which second of the store's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Said {
    pub(crate) figure: u32,
    pub(crate) at_s: u64,
}

impl Report {
    pub(crate) fn figures(&self) -> Figures {
        Figures::of(|name| self.figures.get(name).and_then(Value::as_f64))
    }

    /// Its requests to a route in the last seconds.
    pub(crate) fn route(&self, name: &str) -> RouteTotals {
        self.routes.get(name).map(RouteTotals::of).unwrap_or_default()
    }
}
