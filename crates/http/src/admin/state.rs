//! The store in figures.

use std::sync::atomic::Ordering;

use axum::extract::State;
use jiff::tz::TimeZone;
use onsale_node::{in_zone, rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;

/// Where the store stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoreState {
    /// Made at random with the store.
    #[schema(pattern = "^[0-9a-f]{16}$", example = "5b0c6f2d9a1e4c37")]
    store_id: String,
    /// The number of the last journal entry that is applied.
    #[schema(example = 1_200)]
    seq: u64,
    /// The number of the last journal entry that the tables hold.
    #[schema(example = 1_200)]
    projected_seq: u64,
    /// The time of the last journal entry, in UTC.
    #[schema(format = DateTime, example = "2027-05-01T10:00:00+00:00")]
    time: String,
    /// Over the whole state. The same on every node and after every replay of the same journal.
    #[schema(pattern = "^[0-9a-f]{16}$", example = "90f2a4117c3db6e5")]
    fingerprint: String,
    /// The store's feature level: what all of its nodes can read.
    #[schema(example = 1)]
    level: u32,
    /// Users that wait, over all queues.
    #[schema(example = 0)]
    waiting: u64,
    /// Users that are PROGRESS, over all queues.
    #[schema(example = 0)]
    active: u64,
    /// How many of them have not been heard from for twice their queue's `waitingTtl`.
    #[schema(example = 0)]
    silent: u64,
    /// Commands that wait for their outcome.
    #[schema(example = 0)]
    pending: u64,
    /// All charges so far, in the minor unit of the currency.
    #[schema(example = 50_000)]
    charged: u128,
    /// All payments so far, in the minor unit of the currency.
    #[schema(example = 0)]
    sold: u128,
    /// Reservations made so far, whatever became of them.
    #[schema(example = 1)]
    reservations: u64,
    /// Payments made so far.
    #[schema(example = 0)]
    payments: u64,
    #[schema(min_length = 3, max_length = 3, example = "KRW")]
    currency: String,
}

pub(super) async fn show(State(app): State<App>) -> Done {
    let node = &app.shared.node;
    let mark = node.views().mark();
    let queues = node.views().queues();
    let passed_over = node.views().people.passed_over();
    success(StoreState {
        store_id: format!("{:016x}", node.store_id()),
        seq: mark.seq,
        projected_seq: node.stats().projected_seq.load(Ordering::Acquire),
        time: rfc3339(&in_zone(mark.time, &TimeZone::UTC)),
        fingerprint: format!("{:016x}", mark.fingerprint),
        level: node.views().level(),
        waiting: queues.iter().map(|queue| u64::from(queue.waiting())).sum(),
        active: queues.iter().map(|queue| u64::from(queue.active())).sum(),
        silent: queues.iter().map(|queue| u64::from(queue.silent())).sum(),
        pending: node.pending() as u64,
        charged: mark.counters.charged,
        sold: mark.counters.sold,
        reservations: mark.counters.next_reservation.0.saturating_sub(1 + passed_over),
        payments: mark.counters.next_payment.0.saturating_sub(1 + passed_over),
        currency: app.shared.currency.clone(),
    })
}
