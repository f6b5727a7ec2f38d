//! The nodes of the store, as each said last.

use std::time::Duration;

use jiff::tz::TimeZone;
use onsale_domain::time::Time;
use onsale_node::{in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use crate::night::{COUNTED, Peer, Report};

/// A node of the cluster; on one machine there is one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeState {
    /// Its number in the journal, made at random at its start.
    #[schema(pattern = "^[0-9a-f]{16}$", example = "5b0c6f2d9a1e4c37")]
    node: String,
    /// The host, and the address that it listens on.
    #[schema(example = "web-1 0.0.0.0:8080")]
    name: String,
    #[schema(example = "0.1.0")]
    version: String,
    /// The highest feature level that it raises the store to: the store is raised when all nodes can.
    #[schema(example = 1)]
    level_max: u32,
    /// In UTC.
    #[schema(format = DateTime, example = "2027-05-01T10:00:00+00:00")]
    started_at: String,
    /// It is the one that answers.
    answers: bool,
    /// It takes writes, as far as is known.
    ready: bool,
    /// Its figures are in the sums: it was heard from in the last five seconds.
    counted: bool,
    /// For how long nothing was heard of it. A node that says nothing for ten minutes is listed no more; one that stops
    /// in good order is not listed at all.
    #[schema(example = 0)]
    silent_ms: u64,
    /// The number of the last journal entry that is applied.
    #[schema(example = 1_200)]
    seq: u64,
    /// How many entries that is behind the node that is furthest.
    #[schema(example = 0)]
    behind: u64,
    /// The number of the last entry that the tables hold, as far as it knows.
    #[schema(example = 1_200)]
    projected_seq: u64,
    /// The time of the last entry, in UTC.
    #[schema(format = DateTime, example = "2027-05-01T10:00:00+00:00")]
    time: String,
    /// Commands that wait for the journal.
    #[schema(example = 0)]
    pending: usize,
    /// Streams of places that are open.
    #[schema(example = 0)]
    streams: usize,
    /// The disk was full at the last try.
    journal_full: bool,
    /// How far the store's time is ahead of the clock that it follows: one that has stepped is met slowly.
    #[schema(example = 0)]
    clock_ahead_ms: i64,
}

/// All nodes: the one with the number `node`, which answers, and the others by name.
pub(super) fn list(node: u64, own: &Report, peers: &[Peer]) -> Vec<NodeState> {
    let furthest = peers.iter().map(|peer| peer.report.seq).fold(own.seq, u64::max);
    let state = |node: u64, report: &Report, silent: Duration, answers: bool| NodeState {
        node: format!("{node:016x}"),
        name: report.name.clone(),
        version: report.version.clone(),
        level_max: report.level_max,
        started_at: text(report.started_at_ms),
        answers,
        ready: report.ready && silent <= COUNTED,
        counted: silent <= COUNTED,
        silent_ms: silent.as_millis() as u64,
        seq: report.seq,
        behind: furthest - report.seq,
        projected_seq: report.projected_seq,
        time: text(report.time_ms),
        pending: report.pending,
        streams: report.streams,
        journal_full: report.journal_full,
        clock_ahead_ms: report.clock_ahead_ms,
    };
    let mut others: Vec<_> = peers.iter().map(|peer| state(peer.node, &peer.report, peer.silent(), false)).collect();
    others.sort_by(|one, other| (&one.name, &one.node).cmp(&(&other.name, &other.node)));
    others.insert(0, state(node, own, Duration::ZERO, true));
    others
}

fn text(ms: u64) -> String {
    rfc3339(&in_zone(Time(ms), &TimeZone::UTC))
}
