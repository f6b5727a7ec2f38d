//! Everything that an operator watches, as it is now.

use std::collections::BTreeMap;

use axum::extract::State;
use onsale_domain::concert::SeatCounts;
use onsale_node::{Difference, ScheduleView, in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use super::gates::{self, Gate};
use super::load::{Load, Refused, Route};
use super::nodes::{self, NodeState};
use super::report;
use crate::answer::{Done, success};
use crate::app::App;
use crate::night::Figures;
use crate::wire::{self, Orphans, QueueState};

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
    /// The decimal places of its minor unit.
    #[schema(example = 0, maximum = 4)]
    currency_digits: u8,
    /// The last second in figures, by name: the same names as in the history. Where nodes share a store, of all that are
    /// `counted` together.
    figures: BTreeMap<&'static str, f64>,
    /// The id of the lever that was moved last; `null` where none was.
    #[schema(required, example = 786_433)]
    newest_lever_id: Option<u64>,
    queues: Vec<QueueState>,
    schedules: Vec<Sale>,
    routes: Vec<Route>,
    refusals: Vec<Refused>,
    /// The nodes of the store, this one first.
    nodes: Vec<NodeState>,
    /// What this node's configuration gives and the store has otherwise.
    settings_not_in_force: Vec<SettingNotInForce>,
    /// What this node has open to everybody, by its key: `access.users`, `access.charge`.
    #[schema(value_type = Vec<String>, example = json!(["access.users"]))]
    open_doors: Vec<&'static str>,
    /// The gates before sites.
    gates: Vec<Gate>,
}

/// A setting of the configuration that the store goes before.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingNotInForce {
    #[schema(example = "queue.active_limit")]
    key: &'static str,
    /// What the file, the environment or a flag says.
    #[schema(example = "200")]
    given: String,
    /// What the store has: in the default queue, for `queue.*`.
    #[schema(example = "10")]
    in_force: String,
}

/// How a date sells.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sale {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(example = "First Light")]
    concert_title: String,
    #[schema(format = DateTime, example = "2027-05-01T19:00:00.000+09:00")]
    starts_at: String,
    /// The operator stopped its sale.
    closed: bool,
    /// Whether its seats can be held now: it is not closed, has begun and is not over.
    #[schema(example = true)]
    on_sale: bool,
    /// From when on they can, in the date's zone; `null` where nothing was set.
    #[schema(required, format = DateTime, example = "2027-03-01T10:00:00+09:00")]
    on_sale_at: Option<String>,
    /// Until when.
    #[schema(required, format = DateTime, example = "2027-05-01T18:00:00+09:00")]
    off_sale_at: Option<String>,
    /// Whether holds may leave single seats.
    orphans: Orphans,
    #[schema(example = 50)]
    total_seats: u32,
    #[schema(example = 20)]
    available_seats: u32,
    #[schema(example = 10)]
    held_seats: u32,
    #[schema(example = 18)]
    sold_seats: u32,
    /// Held back by operators.
    #[schema(example = 2)]
    withheld_seats: u32,
}

pub(super) async fn show(State(app): State<App>) -> Done {
    let shared = &app.shared;
    let latest = shared.monitor.latest();
    let own = report::own(shared);
    let (peers, counted) = shared.monitor.peers();
    let load = Load::of(&shared.monitor, &counted.iter().map(|peer| &peer.report).collect::<Vec<_>>());
    let figures = latest.map_or_else(Figures::default, |(_, figures)| figures);
    success(Now {
        at: latest.map(|(at, _)| at),
        history_from: shared.monitor.first(),
        currency: shared.currency.clone(),
        currency_digits: onsale_catalog::minor_digits(&shared.currency),
        figures: figures.pairs().collect(),
        newest_lever_id: shared.node.views().record.levers().last().map(|lever| lever.id.0),
        queues: wire::queue_states(shared.node.views()),
        schedules: shared.node.views().catalog().schedules.values().map(|view| sale(view)).collect(),
        routes: load.routes(),
        refusals: load.refusals(),
        nodes: nodes::list(shared.node.id(), &own, &peers),
        settings_not_in_force: not_in_force(shared.node.differences()),
        open_doors: shared.doors.open(),
        gates: gates::list(&app),
    })
}

fn not_in_force(differences: Vec<Difference>) -> Vec<SettingNotInForce> {
    let entry = |Difference { key, given, in_force }| SettingNotInForce { key, given, in_force };
    differences.into_iter().map(entry).collect()
}

fn sale(view: &ScheduleView) -> Sale {
    let board = view.board();
    let SeatCounts { free, held, paid, withheld } = board.seat_counts();
    Sale {
        schedule_id: view.schedule.id.0,
        concert_title: view.concert.title.clone(),
        starts_at: rfc3339(&in_zone(view.schedule.starts_at, &view.zone)),
        closed: view.closed,
        on_sale: view.is_on_sale(),
        on_sale_at: view.schedule.on_sale_at.map(|at| view.local(at)),
        off_sale_at: view.schedule.off_sale_at.map(|at| view.local(at)),
        orphans: view.schedule.orphans.unwrap_or_default().into(),
        total_seats: board.total(),
        available_seats: free,
        held_seats: held,
        sold_seats: paid,
        withheld_seats: withheld,
    }
}
