//! Reservations that succeed, each its own user and seat.

use std::sync::Arc;

use anyhow::Result;

use super::inside;
use crate::catalog::STADIUM_SEATS;
use crate::compare::{LATENCY_PAIRS_MAX, Side, Trial, compare};
use crate::context::Context;
use crate::load::Source;
use crate::report::{Findings, LatencyTarget};
use crate::sources::{Reserve, Seats};

/// More than a core can take in a second: a round that uses its seats up ends early.
const PER_SECOND_MAX: u64 = 50_000;

pub(super) fn run(context: &Context) -> Result<Findings> {
    let per_round = context.supply(PER_SECOND_MAX);
    // One to learn the reply, one to warm up, and the measured ones.
    let rounds = 2 + context.pairs as u64 + context.pairs.min(LATENCY_PAIRS_MAX) as u64;
    let schedules = (rounds * per_round).div_ceil(STADIUM_SEATS);
    let service = inside::service(context, schedules, STADIUM_SEATS)?;
    let tokens = inside::admit(&service, 1, context.sized(100_000, 10_000))?;
    let seats = Seats { first_schedule: 1, seats_per_schedule: STADIUM_SEATS };
    let mut free = 0;
    let mut source = |side| -> Result<Box<dyn Source>> {
        let range = match side {
            Side::Ours => free..free + per_round,
            // The floor sells any seat any number of times.
            Side::Floor => 0..u64::MAX,
        };
        if side == Side::Ours {
            free += per_round;
        }
        Ok(Box::new(Reserve::new(seats, range, Arc::clone(&tokens))))
    };
    let trial =
        Trial { name: "reserve", connections: 512, ratio_min: 0.40, latency: Some(LatencyTarget::BelowUs(20_000.0)) };
    Ok(compare(context, trial, &service, &mut source)?.into())
}
