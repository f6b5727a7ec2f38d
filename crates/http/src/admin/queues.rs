//! Queues: what they are, and the operator's levers.

use axum::extract::{Path, State};
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::level;
use onsale_domain::queue::{self, Opening, Phase};
use onsale_domain::reply;
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use onsale_node::{QueueView, Rules, Views};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, given};
use super::change::{alone, check_text, from_level};
use super::operator::By;
use super::settings::out_of_range;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem, setting_range};
use crate::wire::{Milliseconds, Mode, Order, QueueState, queue_states};

/// A queue to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQueue {
    #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "vip")]
    queue: String,
}

/// What to change of a queue. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct QueueChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(inline, nullable = false)]
    mode: Option<Mode>,
    /// The most users that are PROGRESS at any instant. Lowering it evicts nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 4_294_967_295_i64, example = 2_000)]
    active_limit: Option<u32>,
    /// The most users admitted in any one second; `null` for no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 4_294_967_295_i64, example = 100)]
    admit_per_second: Option<Option<u32>>,
    /// How long PROGRESS lasts; 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    session_ttl: Option<Milliseconds>,
    /// A ticket last seen longer ago than this is passed over when its turn comes; 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    waiting_ttl: Option<Milliseconds>,
    /// How long a ticket that was passed over may still return; up to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    waiting_grace: Option<Milliseconds>,
    /// Who is inside and does nothing for so long frees the slot for the next, and whoever holds a seat is doing something; 0s for
    /// nobody, or 100ms to 8784h. From the store's level 7 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    session_idle: Option<Milliseconds>,
    /// How many bits of work a new place takes, from 0 for none to 24: each one doubles it. See `GET /v1/queues/{name}/proof`. From the
    /// store's level 9 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, maximum = 24, example = 17)]
    proof_bits: Option<u32>,
    /// While set, whoever is inside and does something has `sessionTtl` from then on, and at most so long in all; 0s where sessions end
    /// when they were said to at first, or `sessionTtl` to 8784h. An end that somebody was told moves later, never sooner. From the
    /// store's level 9 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    session_max: Option<Milliseconds>,
    /// How many places each network has in a draw, 0 for any number: who joins from it beyond them before the opening stands behind
    /// everybody else who did. Nobody is told before. From the store's level 10 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 0, maximum = 4_294_967_295_i64, example = 100)]
    network_places: Option<u32>,
    /// From when on people may join, with an offset or a zone: `2027-05-01T09:30:00+09:00`, or `2027-05-01T09:30:00[Asia/Seoul]`;
    /// `null` takes it away. From the store's level 5 on, as the next two.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T09:30:00+09:00")]
    prequeue_at: Option<Option<String>>,
    /// From when on people are admitted; later than `prequeueAt`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T10:00:00+09:00")]
    opens_at: Option<Option<String>>,
    /// From when on nobody joins and nobody is admitted; later than the others, and than now, as whoever waits loses the place then.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T12:00:00+09:00")]
    closes_at: Option<Option<String>>,
    /// In which order those are admitted who join before it opens; only while nobody waits. `draw` draws a seed, of which the
    /// SHA-256 is published at once and the seed at the opening; where a draw is still to come it stays that one. From the store's
    /// level 5 on, as the next.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    order: Option<Order>,
    /// What is to be mixed into the draw that is not yours, as the value of a public randomness beacon, and whose; once, and before
    /// the opening.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "drand quicknet 12345678: 5f1c")]
    beacon: Option<String>,
}

/// Whom to let go. Without a word of how long they must have been silent, whoever counts in `silent`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LetGo {
    /// For how long they have not been heard from: `waitingTtl` at least; twice that where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    silent_for: Option<Milliseconds>,
}

/// Who was let go.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gone {
    #[schema(example = "default")]
    queue: String,
    /// How many sessions were ended: at most 10,000 at once.
    #[schema(example = 6)]
    let_go: u32,
    /// How many of these users hold a seat. It is theirs until it lapses, and can be paid.
    #[schema(example = 1)]
    holding: u32,
}

pub(super) async fn list(State(app): State<App>) -> Done {
    success(queue_states(app.shared.node.views()))
}

pub(super) async fn open(State(app): State<App>, by: By, Json(new): Json<NewQueue>) -> Done {
    let id = app.lane.ask(by.asks(Ask::open_queue(new.queue))).await?;
    let queue = app.shared.node.views().queue(id).ok_or(Problem::new(Code::OutcomeUnknown))?;
    success(QueueState::of(&queue))
}

pub(super) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    Json(change): Json<QueueChange>,
) -> Done {
    let App { shared, lane } = app.clone();
    let changed = alone(&app.shared, async move {
        let queue = find(shared.node.views(), &name)?;
        let rules = Rules::clone(&queue.rules());
        let (order, beacon) = (change.order, change.beacon.clone());
        let wanted = change.applied_to(&rules)?;
        let Rules { mode, settings, opening, .. } = wanted;
        settings.check().map_err(out_of_range)?;
        match settings.beyond(shared.node.views().level()) {
            Some("queue.proof_bits") => {
                from_level(shared.node.views(), level::PROOFS, "Whoever joins shows some work")?;
            }
            Some("queue.network_places") => {
                from_level(shared.node.views(), level::NETWORKS, "Networks have so many places in a draw")?;
            }
            Some("queue.session_max") => from_level(shared.node.views(), level::SESSIONS, "Sessions become longer")?,
            Some(_) => from_level(shared.node.views(), level::IDLE, "Those inside who do nothing are let go")?,
            None => {}
        }
        opening.check().map_err(|name| Problem::field(name, setting_range(name)))?;
        if let Some(beacon) = &beacon {
            check_text("beacon", beacon)?;
        }
        let now = Time((shared.now_s() * 1_000.0) as u64);
        // First the draw: whoever may join from a moment on finds it committed to.
        let begins_anew = opening != rules.opening && opening.phase_at(now) != Phase::Open;
        if let Some(order) = order.or_else(|| next_order(&queue, begins_anew)) {
            from_level(shared.node.views(), level::OFFERS, "Places are drawn")?;
            let command = Command::SetOrder { queue: queue.id, order: into_domain(order)? };
            lane.ask(by.clone().asks(Ask::plain(command))).await?;
        }
        if let Some(beacon) = beacon {
            from_level(shared.node.views(), level::OFFERS, "Places are drawn")?;
            lane.ask(by.clone().asks(Ask::plain(Command::SetBeacon { queue: queue.id, beacon }))).await?;
        }
        if opening != rules.opening {
            from_level(shared.node.views(), level::OFFERS, "Queues open and close by themselves")?;
            lane.ask(by.clone().asks(Ask::plain(Command::SetOpening { queue: queue.id, opening }))).await?;
        }
        if (mode, &settings) != (rules.mode, &rules.settings) {
            let command = Command::ConfigureQueue { queue: queue.id, settings: Some(settings), mode: Some(mode) };
            lane.ask(by.asks(Ask::plain(command))).await?;
        }
        Ok(QueueState::of(&queue))
    });
    success(changed.await?)
}

pub(super) async fn let_silent_go(
    State(app): State<App>,
    Path(name): Path<String>,
    by: By,
    Json(LetGo { silent_for }): Json<LetGo>,
) -> Done {
    let views = app.shared.node.views();
    let queue = find(views, &name)?;
    from_level(views, level::FAIRNESS, "Those who are silent inside are let go")?;
    let settings = queue.rules().settings.clone();
    let silent_ms = silent_for.map_or(settings.silence_ms(), |silent| silent.0);
    if silent_ms < settings.waiting_ttl_ms {
        let least = Milliseconds(settings.waiting_ttl_ms).text();
        return Err(Problem::field(
            "silentFor",
            format!("silentFor must be at least {least}, the queue's waitingTtl: who is there may speak as seldom."),
        ));
    }
    let reply::LetGo { sessions, holding } = app.lane.ask(by.asks(Ask::let_silent_go(queue.id, silent_ms))).await?;
    success(Gone { queue: name, let_go: sessions, holding })
}

pub(super) fn find(views: &Views, name: &str) -> Result<std::sync::Arc<QueueView>, Problem> {
    let id = views.queue_named(name).ok_or(Problem::new(Code::QueueNotFound))?;
    views.queue(id).ok_or(Problem::new(Code::QueueNotFound))
}

/// A queue whose places were drawn, and that is to open once more, has another draw then: where nobody waits in the order of
/// the last.
fn next_order(queue: &QueueView, begins_anew: bool) -> Option<Order> {
    let is_over = queue.rules().draw.as_ref().is_some_and(|draw| draw.drawn.is_some());
    (begins_anew && is_over && queue.waiting() == 0).then_some(Order::Draw)
}

/// The order, with a seed from the system where one is needed.
fn into_domain(order: Order) -> Result<queue::Order, Problem> {
    match order {
        Order::Fifo => Ok(queue::Order::Fifo),
        Order::Draw => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|_| Problem::new(Code::Unavailable))?;
            Ok(queue::Order::Draw { seed })
        }
    }
}

impl QueueChange {
    fn applied_to(self, old: &Rules) -> Result<Rules, Problem> {
        let QueueSettings {
            active_limit,
            admit_per_second,
            session_ttl_ms,
            waiting_ttl_ms,
            waiting_grace_ms,
            session_idle_ms,
            proof_bits,
            session_max_ms,
            network_places,
        } = old.settings.clone();
        let or_none = |change: Option<Milliseconds>, old| change.map_or(old, |ms| Some(ms.0).filter(|&ms| ms > 0));
        let ms = |change: Option<Milliseconds>, old| change.map_or(old, |change| change.0);
        let opening = Opening {
            prequeue_at: moment("prequeueAt", self.prequeue_at, old.opening.prequeue_at)?,
            opens_at: moment("opensAt", self.opens_at, old.opening.opens_at)?,
            closes_at: moment("closesAt", self.closes_at, old.opening.closes_at)?,
        };
        Ok(Rules {
            mode: self.mode.map_or(old.mode, Mode::into_domain),
            opening,
            phase: old.phase,
            draw: old.draw.clone(),
            settings: QueueSettings {
                active_limit: self.active_limit.unwrap_or(active_limit),
                admit_per_second: self.admit_per_second.unwrap_or(admit_per_second),
                session_ttl_ms: ms(self.session_ttl, session_ttl_ms),
                waiting_ttl_ms: ms(self.waiting_ttl, waiting_ttl_ms),
                waiting_grace_ms: ms(self.waiting_grace, waiting_grace_ms),
                session_idle_ms: or_none(self.session_idle, session_idle_ms),
                proof_bits: self.proof_bits.map_or(proof_bits, |bits| Some(bits).filter(|&bits| bits > 0)),
                session_max_ms: or_none(self.session_max, session_max_ms),
                network_places: self.network_places.map_or(network_places, |places| Some(places).filter(|&n| n > 0)),
            },
        })
    }
}

/// The moment as it is to be: what was said, or what it was.
fn moment(name: &'static str, said: Option<Option<String>>, old: Option<Time>) -> Result<Option<Time>, Problem> {
    let Some(said) = said else { return Ok(old) };
    let read =
        |text: String| onsale_catalog::absolute(&text).map_err(|what| Problem::field(name, format!("{name} {what}.")));
    said.map(read).transpose()
}
