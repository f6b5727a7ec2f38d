//! Everything that an operator watches, as it is now.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use axum::extract::State;
use jiff::tz::TimeZone;
use onsale_node::{ScheduleView, local, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::Figures;
use super::percentile::percentile;
use crate::admin::{QueueState, queues_now};
use crate::api::Shared;
use crate::metrics::RouteTotals;
use crate::openapi::bodies;
use crate::pages::{App, Done, success};
use crate::problem::Code;

/// The night as it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsNow)]
pub(crate) struct Now {
    /// The moment of the figures, in seconds since 1970-01-01 UTC; `null` in the first second.
    #[schema(required, example = 1_809_165_600)]
    at: Option<u64>,
    /// From when on there is a history, likewise.
    #[schema(required, example = 1_809_162_000)]
    history_from: Option<u64>,
    /// ISO 4217.
    #[schema(example = "KRW")]
    currency: String,
    /// The last second in figures, by name: the same names as in the history.
    figures: BTreeMap<&'static str, f64>,
    /// The id of the lever that was moved last; `null` where none was.
    #[schema(required, example = 786_433)]
    newest_lever_id: Option<u64>,
    queues: Vec<QueueState>,
    schedules: Vec<Sale>,
    routes: Vec<Route>,
    refusals: Vec<Refused>,
    nodes: Vec<NodeState>,
}

/// How a date sells.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sale {
    #[schema(value_type = bodies::Id)]
    schedule_id: u64,
    #[schema(example = "First Light")]
    concert_title: String,
    #[schema(format = DateTime, example = "2027-05-01T19:00:00.000+09:00")]
    starts_at: String,
    /// The operator stopped its sale.
    closed: bool,
    #[schema(example = 50)]
    total_seats: u32,
    #[schema(example = 20)]
    available_seats: u32,
    #[schema(example = 10)]
    held_seats: u32,
    #[schema(example = 20)]
    sold_seats: u32,
}

/// The requests to one route in the last ten seconds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RouteLoad)]
pub(crate) struct Route {
    #[schema(example = "POST /v1/api/queue/token/check")]
    route: &'static str,
    requests_per_second: f64,
    /// In milliseconds; `null` where there was no request.
    #[schema(required)]
    p50_ms: Option<f64>,
    #[schema(required)]
    p90_ms: Option<f64>,
    #[schema(required)]
    p99_ms: Option<f64>,
    #[schema(required)]
    p999_ms: Option<f64>,
}

/// Refusals with one code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefusalLoad)]
pub(crate) struct Refused {
    #[schema(example = "SEAT_NOT_AVAILABLE")]
    code: &'static str,
    #[schema(example = 409)]
    status: u16,
    /// In the last ten seconds.
    per_second: f64,
    /// Since this node's start.
    total: u64,
}

/// A node of the cluster; on one machine there is one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeState {
    /// From 1.
    #[schema(example = 1)]
    node: u32,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The number of the last journal entry that is applied.
    #[schema(example = 1_200)]
    seq: u64,
    /// That of the last one that the tables hold.
    #[schema(example = 1_200)]
    projected_seq: u64,
    /// The time of the last entry, in UTC.
    #[schema(format = DateTime, example = "2027-05-01T10:00:00.000+00:00")]
    time: String,
    /// Commands that wait for the journal.
    #[schema(example = 0)]
    pending: usize,
    /// Streams of places that are open.
    #[schema(example = 0)]
    streams: usize,
    /// The disk was full at the last try.
    journal_full: bool,
}

pub(super) async fn show(State(app): State<App>) -> Done {
    let shared = &app.shared;
    let latest = shared.monitor.latest();
    let (window, seconds) = shared.monitor.window();
    let figures = latest.map_or_else(Figures::default, |(_, figures)| figures);
    success(Now {
        at: latest.map(|(at, _)| at),
        history_from: shared.monitor.first(),
        currency: shared.currency.clone(),
        figures: figures.pairs().collect(),
        newest_lever_id: shared.node.views().record.levers().last().map(|lever| lever.id.0),
        queues: queues_now(shared.node.views()),
        schedules: shared.node.views().catalog().schedules.values().map(|view| sale(view)).collect(),
        routes: window.iter().filter(|(_, route)| route.requests() > 0).map(|one| route(one, seconds)).collect(),
        refusals: refusals(&window, &shared.monitor.totals(), seconds),
        nodes: vec![node(shared)],
    })
}

fn sale(view: &ScheduleView) -> Sale {
    let board = view.board();
    Sale {
        schedule_id: view.schedule.id.0,
        concert_title: view.concert.title.clone(),
        starts_at: rfc3339(&local(view.schedule.starts_at, &view.zone)),
        closed: view.closed,
        total_seats: board.total(),
        available_seats: board.available(),
        held_seats: board.held(),
        sold_seats: board.total() - board.available() - board.held(),
    }
}

fn route((name, totals): &(&'static str, RouteTotals), seconds: f64) -> Route {
    let latencies = totals.latencies_ms();
    let at = |share| percentile(&latencies, share);
    Route {
        route: name,
        requests_per_second: totals.requests() as f64 / seconds,
        p50_ms: at(0.5),
        p90_ms: at(0.9),
        p99_ms: at(0.99),
        p999_ms: at(0.999),
    }
}

fn refusals(
    window: &[(&'static str, RouteTotals)],
    totals: &[(&'static str, RouteTotals)],
    seconds: f64,
) -> Vec<Refused> {
    let count =
        |routes: &[(&'static str, RouteTotals)], code| routes.iter().map(|(_, route)| route.refused(code)).sum();
    let refused = |&code: &Code| {
        let (recent, total): (u64, u64) = (count(window, code), count(totals, code));
        let per_second = recent as f64 / seconds;
        (total > 0).then(|| Refused { code: code.as_str(), status: code.status().as_u16(), per_second, total })
    };
    Code::ALL.iter().filter_map(refused).collect()
}

fn node(shared: &Shared) -> NodeState {
    let (mark, stats) = (shared.node.views().mark(), shared.node.stats());
    NodeState {
        node: 1,
        version: env!("CARGO_PKG_VERSION"),
        seq: mark.seq,
        projected_seq: stats.projected_seq.load(Relaxed),
        time: rfc3339(&local(mark.time, &TimeZone::UTC)),
        pending: shared.node.pending(),
        streams: shared.streams.open(),
        journal_full: stats.journal_full.load(Relaxed),
    }
}
