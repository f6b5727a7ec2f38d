//! `GET /v1/sale`: how the sale stands, for those who wait and for those who have not joined yet.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::HeaderMap;
use onsale_domain::codes::Campaign;
use onsale_domain::ids::QueueId;
use onsale_domain::level;
use onsale_domain::reply::Refusal;
use onsale_domain::settings::SEATS_PER_RESERVATION_MAX;
use onsale_domain::time::Time;
use onsale_node::{QueueView, Views};
use serde::Serialize;
use utoipa::ToSchema;

use super::fixed::Fixed;
use crate::answer::Done;
use crate::app::App;
use crate::entry::{Charge, Users};
use crate::shared::Shared;
use crate::times::{self, TimeText};
use crate::wire::{Id, Mode, Money, Order, Phase, envelope};

/// However many ask, it is made so often only.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// How the sale stands. No counts: they are for those inside.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SaleState)]
pub(crate) struct Sale {
    queues: Vec<SaleQueue>,
    /// The dates of which no seat is free just now. A hold that lapses may free one again.
    #[schema(value_type = Vec<Id>)]
    sold_out: Vec<u64>,
    /// The most that one charge of the wallet may add.
    #[schema(value_type = Money)]
    charge_limit: u64,
    /// The most seats that one call may hold, as far as it is known of everybody: who has some already may have fewer.
    #[schema(minimum = 1, maximum = 16, example = 4)]
    seats_per_hold_max: u32,
    /// Whether buyers add to their own wallets here.
    charge_open: bool,
    /// How much longer its owner may make a hold, once, while nobody waits in its queue: in seconds; 0 where nobody may.
    #[schema(example = 120)]
    hold_extend_seconds: f64,
    /// Whether whoever joins needs an entry token, which their shop signs.
    entry_signed: bool,
}

/// A queue, as the public may know it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SaleQueue {
    #[schema(example = "default")]
    queue: String,
    #[schema(inline)]
    mode: Mode,
    #[schema(inline)]
    phase: Phase,
    /// From when on people may join; `null` where that is not set: then they may from `opensAt` on, or always.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T00:30:00.000Z")]
    prequeue_at: Option<TimeText>,
    /// From when on people are admitted.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T01:00:00.000Z")]
    opens_at: Option<TimeText>,
    /// From when on nobody joins and nobody is admitted.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T03:00:00.000Z")]
    closes_at: Option<TimeText>,
    /// In which order those are admitted who join before it opens.
    order: Order,
    #[schema(inline)]
    codes: Codes,
    /// How many bits of work a new place takes, see `Work` and `GET /v1/queues/{name}/proof`; 0 for none.
    #[schema(maximum = 24, example = 0)]
    proof_bits: u32,
}

/// Whether people join a queue with codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = QueueCodes)]
pub(crate) enum Codes {
    /// Nobody has one.
    None,
    /// Who has one may say so.
    Optional,
    /// Nobody joins without.
    Required,
}

impl Codes {
    fn of(views: &Views, queue: QueueId, now: Time) -> Self {
        let all = views.campaigns.all();
        let of_it = || all.iter().filter(|campaign| campaign.queue == queue);
        let is_taken = |campaign: &Campaign| campaign.codes > 0 && campaign.check_window(now) != Err(Refusal::CodeOver);
        if of_it().any(|campaign| campaign.is_needed(now)) {
            Self::Required
        } else if of_it().any(|campaign| is_taken(campaign)) {
            Self::Optional
        } else {
            Self::None
        }
    }
}

impl SaleQueue {
    fn of(views: &Views, queue: &QueueView, now: Time) -> Self {
        let rules = queue.rules();
        let [prequeue_at, opens_at, closes_at] =
            [rules.opening.prequeue_at, rules.opening.opens_at, rules.opening.closes_at].map(|at| at.map(times::utc));
        let (mode, phase, order) = (Mode::of(rules.mode), Phase::of(rules.phase), Order::of(&rules));
        let codes = Codes::of(views, queue.id, now);
        let (name, proof_bits) = (queue.name.clone(), rules.settings.proof_bits.unwrap_or(0));
        Self { queue: name, mode, phase, prequeue_at, opens_at, closes_at, order, codes, proof_bits }
    }
}

type Cache = Arc<ArcSwapOption<(Instant, Fixed)>>;

pub(super) fn router(app: App) -> Router<App> {
    Router::new().route("/v1/sale", get(show)).with_state((app, Cache::default()))
}

async fn show(State((app, cache)): State<(App, Cache)>, headers: HeaderMap) -> Done {
    if let Some(page) = &*cache.load()
        && page.0.elapsed() < FRESH_FOR
    {
        return Ok(page.1.response(&headers));
    }
    let page = Fixed::new("application/json", envelope(Sale::of(&app.shared)));
    let response = page.response(&headers);
    cache.store(Some(Arc::new((Instant::now(), page))));
    Ok(response)
}

impl Sale {
    fn of(shared: &Shared) -> Self {
        let (views, doors, now) = (shared.node.views(), &shared.doors, Time((shared.now_s() * 1_000.0) as u64));
        let queues = views.queues();
        let queues = queues.iter().map(|queue| SaleQueue::of(views, queue, now));
        let catalog = views.catalog();
        let sold_out = catalog.schedules.values().filter(|date| date.board().available() == 0);
        Self {
            queues: queues.collect(),
            sold_out: sold_out.map(|date| date.schedule.id.0).collect(),
            charge_limit: views.settings().charge_limit,
            seats_per_hold_max: seats_per_hold_max(views),
            charge_open: doors.charge == Charge::Open,
            hold_extend_seconds: views.settings().hold_extend_ms.unwrap_or(0) as f64 / 1_000.0,
            entry_signed: matches!(doors.users, Users::Signed(_)),
        }
    }
}

fn seats_per_hold_max(views: &Views) -> u32 {
    if views.level() < level::SELLING {
        return 1;
    }
    let settings = views.settings();
    let limits = [Some(settings.hold_limit_per_user), settings.seats_per_user, settings.seats_per_user_per_concert];
    let most = SEATS_PER_RESERVATION_MAX as u32;
    limits.into_iter().flatten().fold(most, u32::min).max(1)
}
