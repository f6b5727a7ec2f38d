//! What this node tells the others of itself.

use std::sync::atomic::Ordering::Relaxed;

use crate::night::Report;
use crate::problem::Code;
use crate::shared::Shared;

/// How this node is now.
pub(super) fn own(shared: &Shared) -> Report {
    let (node, monitor) = (&shared.node, &shared.monitor);
    let (mark, stats) = (node.views().mark(), node.stats());
    let (window, routes_seconds) = monitor.window();
    let totals = monitor.totals();
    let total = |code| totals.iter().map(|(_, route)| route.refused(code)).sum::<u64>();
    let refused = Code::ALL.iter().map(|&code| (code.as_str().to_owned(), total(code)));
    let own = monitor.own();
    let figures = own.pairs().map(|(name, value)| (name.to_owned(), value.into()));
    let routes = window.iter().filter(|(_, route)| route.requests() > 0);
    Report {
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
        now_ms: node.journal_ms(),
        figures: figures.collect(),
        routes: routes.map(|(name, route)| ((*name).to_owned(), route.counts())).collect(),
        routes_seconds,
        refused: refused.filter(|&(_, total)| total > 0).collect(),
        sites: shared.said_of_sites(),
    }
}
