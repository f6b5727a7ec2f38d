//! Queues as operators see them.

use onsale_domain::queue::{self, hex};
use onsale_node::{QueueView, Views};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Milliseconds, Order};
use crate::times::{self, TimeText};

/// Whether a queue takes people in, and lets them through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = QueueMode)]
pub(crate) enum Mode {
    /// People may join and are admitted.
    Open,
    /// People may join; nobody is admitted.
    Paused,
    /// Nobody may join; those who wait are admitted.
    Draining,
    /// Nobody may join, nobody is admitted.
    Closed,
}

/// What the moments that were set make of a queue. Its mode stands above: a paused queue that opens stays paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = QueuePhase)]
pub(crate) enum Phase {
    /// Nobody may join yet.
    Closed,
    /// People may join; nobody is admitted, and nobody is told a place.
    Prequeue,
    /// As in a queue without such moments.
    Open,
    /// Nobody joins any more, and nobody waits.
    Over,
}

/// A queue as it is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueState {
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
    /// With `draw`: the SHA-256 of its seed, in hexadecimal, see `GET /v1/queues/{name}/draw`.
    #[schema(required, pattern = "^[0-9a-f]{64}$")]
    draw_commitment: Option<String>,
    /// What was given to be mixed into the draw.
    #[schema(required)]
    draw_beacon: Option<String>,
    /// Whether the places were drawn. For another opening, `order` is set again.
    #[schema(example = false)]
    drawn: bool,
    /// The most users that are PROGRESS at any instant.
    #[schema(minimum = 1, example = 1_000)]
    active_limit: u32,
    /// The most users admitted in any one second; `null` for no limit.
    #[schema(required, minimum = 1)]
    admit_per_second: Option<u32>,
    session_ttl: Milliseconds,
    waiting_ttl: Milliseconds,
    waiting_grace: Milliseconds,
    /// Who is inside and does nothing for so long frees the slot; `0s` where nobody does.
    session_idle: Milliseconds,
    /// How many bits of work a new place takes, see `Work`; 0 for none.
    #[schema(maximum = 24, example = 0)]
    proof_bits: u32,
    /// How long a session may become in all while its owner goes on doing something; `0s` where none does.
    session_max: Milliseconds,
    /// How many places each network has in a draw; 0 for any number.
    #[schema(minimum = 0, example = 0)]
    network_places: u32,
    /// How many wait.
    #[schema(example = 0)]
    waiting: u32,
    /// How many of them are in tiers, the first tier first; empty where nobody is.
    waiting_by_tier: Vec<WaitingInTier>,
    /// How many of them came from a network that had its places already, and stand behind the others; nobody but operators is told before
    /// the opening.
    #[schema(example = 0)]
    waiting_surplus: u32,
    /// How many are PROGRESS.
    #[schema(example = 0)]
    active: u32,
    /// How many of them have not been heard from for twice `waitingTtl`: their slots are taken and not used.
    #[schema(example = 0)]
    silent: u32,
    /// Tickets that were ever issued in this queue.
    #[schema(example = 0)]
    issued: u64,
    /// Tickets that this server has seen admitted since it started.
    #[schema(example = 0)]
    admitted: u64,
    /// How long somebody who joined now would wait, in seconds; `null` while nobody is admitted.
    #[schema(required)]
    estimated_wait_seconds: Option<u64>,
}

/// How many who wait have an entry token's tier.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingInTier {
    #[schema(minimum = 1, maximum = 9, example = 1)]
    tier: u8,
    #[schema(example = 0)]
    waiting: u32,
}

impl WaitingInTier {
    fn of(queue: &QueueView) -> Vec<Self> {
        let all = (1..).zip(queue.waiting_by_tier());
        all.filter(|&(_, waiting)| waiting > 0).map(|(tier, waiting)| Self { tier, waiting }).collect()
    }
}

/// All queues, as they are now.
pub(crate) fn queue_states(views: &Views) -> Vec<QueueState> {
    views.queues().iter().map(|queue| QueueState::of(queue)).collect()
}

impl QueueState {
    pub(crate) fn of(queue: &QueueView) -> Self {
        let rules = queue.rules();
        let settings = &rules.settings;
        let (issued, admitted) = queue.totals();
        let waiting = queue.waiting();
        let estimate =
            rules.admits().then(|| queue.estimate(waiting.saturating_add(1), &rules.settings).likely_seconds);
        Self {
            queue: queue.name.clone(),
            mode: Mode::of(rules.mode),
            phase: Phase::of(rules.phase),
            prequeue_at: rules.opening.prequeue_at.map(times::utc),
            opens_at: rules.opening.opens_at.map(times::utc),
            closes_at: rules.opening.closes_at.map(times::utc),
            order: Order::of(&rules),
            draw_commitment: rules.draw.as_ref().map(|draw| hex(&draw.commitment)),
            draw_beacon: rules.draw.as_ref().and_then(|draw| draw.beacon.as_deref().map(str::to_owned)),
            drawn: rules.draw.as_ref().is_some_and(|draw| draw.drawn.is_some()),
            active_limit: settings.active_limit,
            admit_per_second: settings.admit_per_second,
            session_ttl: Milliseconds(settings.session_ttl_ms),
            waiting_ttl: Milliseconds(settings.waiting_ttl_ms),
            waiting_grace: Milliseconds(settings.waiting_grace_ms),
            session_idle: Milliseconds(settings.session_idle_ms.unwrap_or(0)),
            proof_bits: settings.proof_bits.unwrap_or(0),
            session_max: Milliseconds(settings.session_max_ms.unwrap_or(0)),
            network_places: settings.network_places.unwrap_or(0),
            waiting,
            waiting_by_tier: WaitingInTier::of(queue),
            waiting_surplus: queue.waiting_surplus(),
            active: queue.active(),
            silent: queue.silent(),
            issued,
            admitted,
            estimated_wait_seconds: estimate,
        }
    }
}

impl Phase {
    pub(crate) fn of(phase: queue::Phase) -> Self {
        match phase {
            queue::Phase::Closed => Self::Closed,
            queue::Phase::Prequeue => Self::Prequeue,
            queue::Phase::Open => Self::Open,
            queue::Phase::Over => Self::Over,
        }
    }
}

impl Mode {
    pub(crate) fn of(mode: queue::Mode) -> Self {
        match mode {
            queue::Mode::Open => Self::Open,
            queue::Mode::Paused => Self::Paused,
            queue::Mode::Draining => Self::Draining,
            queue::Mode::Closed => Self::Closed,
        }
    }

    pub(crate) fn into_domain(self) -> queue::Mode {
        match self {
            Self::Open => queue::Mode::Open,
            Self::Paused => queue::Mode::Paused,
            Self::Draining => queue::Mode::Draining,
            Self::Closed => queue::Mode::Closed,
        }
    }
}
