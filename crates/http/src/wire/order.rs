//! In which order people are let in, and what a draw is checked with.

use onsale_domain::queue::{self, ALGORITHM, Drawn, Tier, hex};
use onsale_node::{DrawView, Rules};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Phase;
use crate::times::{self, TimeText};

/// In which order those are admitted who join before the queue opens. Who joins later stands behind them, in order of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = QueueOrder)]
pub(crate) enum Order {
    /// In order of joining.
    Fifo,
    /// By a draw at the opening.
    Draw,
}

impl Order {
    pub(crate) fn of(rules: &Rules) -> Self {
        if rules.draw.is_some() { Self::Draw } else { Self::Fifo }
    }
}

/// A queue's draw: what was committed to before anybody could join, and from the opening on all that everybody's place comes of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QueueDraw)]
pub(crate) struct Draw {
    #[schema(example = "default")]
    queue: String,
    #[schema(inline)]
    phase: Phase,
    /// How places come of what is here; `docs/draw.md` has it step by step.
    #[schema(example = "onsale-draw-1")]
    algorithm: &'static str,
    /// The SHA-256 of the seed, in hexadecimal: known since the order was set.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    commitment: String,
    /// What was given to be mixed in, as the value of a public randomness beacon; `null` where nothing was.
    #[schema(required, example = "drand quicknet 12345678")]
    beacon: Option<String>,
    /// From the opening on; `null` before.
    #[schema(required, inline)]
    drawn: Option<Proof>,
}

/// All that was not known before the opening.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Proof {
    /// When the queue opened.
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T01:00:00.000Z")]
    at: TimeText,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    seed: String,
    /// The end of the hash chain over all who joined before the opening, with their times.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    joins: String,
    /// The number of the first ticket that took part.
    #[schema(example = 0)]
    first_number: u32,
    /// How many took part, those too who left before the opening.
    #[schema(example = 180_000)]
    tickets: u32,
}

impl Draw {
    pub(crate) fn of(queue: String, phase: Phase, draw: &DrawView) -> Self {
        let proof = |drawn: &onsale_domain::queue::Draw| {
            let Drawn { at, tickets, .. } = drawn.drawn?;
            let (seed, joins) = (hex(&drawn.seed), hex(&drawn.joins));
            Some(Proof { at: times::utc(at), seed, joins, first_number: drawn.first?, tickets })
        };
        Self {
            queue,
            phase,
            algorithm: ALGORITHM,
            commitment: hex(&draw.commitment),
            beacon: draw.beacon.as_deref().map(str::to_owned),
            drawn: draw.drawn.as_ref().and_then(proof),
        }
    }
}

/// A page of those who took part in a draw, in order of joining.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DrawJoins)]
pub(crate) struct Joins {
    pub(crate) joins: Vec<Join>,
    /// The `after` of the next page; `null` on the last.
    #[schema(required)]
    pub(crate) next_after: Option<u32>,
}

/// Somebody who took part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DrawJoin)]
pub(crate) struct Join {
    /// The ticket's number, which its owner's check tells, too.
    #[schema(example = 70_000)]
    pub(crate) number: u32,
    /// When they joined, in milliseconds since 1970-01-01 UTC.
    #[schema(example = 1_809_131_400_000_i64)]
    pub(crate) joined_at_millis: u64,
    /// Where their entry token, or code, said one; 10 for who came from a network that had its places already, and stands behind those who
    /// have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 10, example = 1)]
    pub(crate) tier: Option<u8>,
}

impl Join {
    pub(crate) fn of(join: &queue::Join) -> Self {
        Self { number: join.number, joined_at_millis: join.at.0, tier: join.tier.map(Tier::number) }
    }
}

/// Which place a ticket drew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DrawnPlace {
    /// From 1, tier by tier. Where it stands now is `queuePosition`: those before it are admitted, or leave.
    #[schema(minimum = 1, example = 4_211)]
    pub place: u32,
    /// How many took part.
    #[schema(example = 180_000)]
    pub of: u32,
    /// The ticket's number, by which it is found in the list of those who joined.
    #[schema(example = 70_000)]
    pub number: u32,
}
