//! What a node tells the others of itself, once a second.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figures::Figures;
use crate::api::Shared;
use crate::metrics::{RouteCounts, RouteTotals};
use crate::problem::Code;

/// A node, as it says itself. Nodes of other versions may leave out what they do not know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Report {
    pub(super) name: String,
    pub(super) version: String,
    /// The highest level that it raises the store to; 0 where a version before levels says nothing of it.
    pub(super) level_max: u32,
    /// When it began to serve, in milliseconds since 1970.
    pub(super) started_at_ms: u64,
    /// The last entry that it has applied, with its time, and that its tables hold.
    pub(super) seq: u64,
    pub(super) time_ms: u64,
    pub(super) projected_seq: u64,
    pub(super) pending: usize,
    pub(super) streams: usize,
    pub(super) ready: bool,
    pub(super) journal_full: bool,
    pub(super) clock_ahead_ms: i64,
    /// Its last second.
    pub(super) figures: BTreeMap<String, Value>,
    /// The requests of the last seconds, by route, and how many seconds.
    pub(super) routes: BTreeMap<String, RouteCounts>,
    pub(super) routes_seconds: f64,
    /// Refusals since its start, by code.
    pub(super) refused: BTreeMap<String, u64>,
}

impl Report {
    /// How this node is now.
    pub(super) fn of(shared: &Shared) -> Self {
        let (node, monitor) = (&shared.node, &shared.monitor);
        let (mark, stats) = (node.views().mark(), node.stats());
        let (window, routes_seconds) = monitor.window();
        let totals = monitor.totals();
        let total = |code| totals.iter().map(|(_, route)| route.refused(code)).sum::<u64>();
        let refused = Code::ALL.iter().map(|&code| (code.as_str().to_owned(), total(code)));
        let own = monitor.own();
        let figures = own.pairs().map(|(name, value)| (name.to_owned(), value.into()));
        let routes = window.iter().filter(|(_, route)| route.requests() > 0);
        Self {
            name: monitor.name(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            level_max: node.level_max(),
            started_at_ms: monitor.started_at_ms(),
            seq: mark.seq,
            time_ms: mark.time.0,
            projected_seq: stats.projected_seq.load(Relaxed),
            pending: node.pending(),
            streams: shared.streams.open(),
            ready: shared.is_ready(),
            journal_full: stats.journal_full.load(Relaxed),
            clock_ahead_ms: stats.clock_ahead_ms.load(Relaxed),
            figures: figures.collect(),
            routes: routes.map(|(name, route)| ((*name).to_owned(), route.counts())).collect(),
            routes_seconds,
            refused: refused.filter(|&(_, total)| total > 0).collect(),
        }
    }

    pub(super) fn figures(&self) -> Figures {
        Figures::of(|name| self.figures.get(name).and_then(Value::as_f64))
    }

    /// Its requests to a route in the last seconds.
    pub(super) fn route(&self, name: &str) -> RouteTotals {
        self.routes.get(name).map(RouteTotals::of).unwrap_or_default()
    }
}
