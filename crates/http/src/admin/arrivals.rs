//! Where those who join come from, as this node has seen it.

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::queues::find;
use crate::answer::{Done, success};
use crate::app::App;
use crate::arrivals::{SIZES, Top};

/// Where those come from who joined a queue in the last hour, as this node has seen it: kept in memory alone, and told to nobody else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Arrivals)]
pub(crate) struct Shown {
    #[schema(example = "default")]
    queue: String,
    /// Everybody of whom the address is known who got a new place here.
    #[schema(example = 11_000)]
    joins: u64,
    /// How many networks have how many of them.
    sizes: Vec<Size>,
    /// The networks with the most, at most 20.
    top: Vec<Arrival>,
}

/// Networks that are alike in how many joined from there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ArrivalSize)]
struct Size {
    /// So many or more joined from each: fewer than the next entry says.
    #[schema(example = 10)]
    from: u32,
    #[schema(example = 120)]
    networks: u32,
    /// From all of these networks together.
    #[schema(example = 2_400)]
    joins: u64,
}

/// A network, and who joined from there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Arrival {
    /// The first 24 bits of IPv4 addresses, or 48 of IPv6.
    #[schema(example = "203.0.113.0/24")]
    network: String,
    #[schema(example = 1_000)]
    joins: u32,
    /// How many different browsers these are, by what they call themselves; about right up to some hundreds. A carrier has many, a program one.
    #[schema(example = 1)]
    agents: u32,
}

pub(super) async fn show(State(app): State<App>, Path(name): Path<String>) -> Done {
    let queue = find(app.shared.node.views(), &name)?;
    let seen = app.shared.arrivals(queue.id);
    let size = |(&from, &(networks, joins)): (&u32, &(u32, u64))| Size { from, networks, joins };
    let top = |Top { network, joins, agents }| Arrival { network, joins, agents };
    success(Shown {
        queue: name,
        joins: seen.sizes.iter().map(|&(_, joins)| joins).sum(),
        sizes: SIZES.iter().zip(&seen.sizes).map(size).collect(),
        top: seen.top.into_iter().map(top).collect(),
    })
}
