//! Payments, each by its own user for its own hold, which ends that user's session.

use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;

use super::inside;
use crate::catalog::{SEAT_AMOUNT, STADIUM_SEATS};
use crate::compare::{Side, Trial, compare};
use crate::context::Context;
use crate::load::Source;
use crate::measure;
use crate::process::Service;
use crate::report::Findings;
use crate::request::Template;
use crate::sources::{Pay, Repeat, Reserve, Seats, Tokens};

/// More than a core can take in a second: a round that uses its holds up ends early.
const PER_SECOND_MAX: u64 = 40_000;
const SEATS: Seats = Seats { first_schedule: 1, seats_per_schedule: STADIUM_SEATS };

/// Users who each hold a seat and have the money for it.
#[derive(Clone, Debug)]
struct Buyers {
    tokens: Arc<Tokens>,
    reservations: Arc<[u64]>,
}

pub(super) fn run(context: &Context) -> Result<Findings> {
    let per_round = context.supply(PER_SECOND_MAX);
    // One to learn the reply, one to warm up, and the measured ones.
    let rounds = 2 + context.pairs as u64;
    let service = inside::service(context, (rounds * per_round).div_ceil(STADIUM_SEATS), STADIUM_SEATS)?;
    let mut free = 0;
    let mut last = None;
    let mut source = |side| -> Result<Box<dyn Source>> {
        match (side, &last) {
            (Side::Floor, Some(Buyers { tokens, reservations })) => {
                Ok(Box::new(Pay::endless(Arc::clone(tokens), Arc::clone(reservations))))
            }
            (Side::Ours | Side::Floor, _) => {
                let buyers = prepare(&service, free..free + per_round)?;
                free += per_round;
                last = Some(buyers.clone());
                Ok(Box::new(Pay::once(buyers.tokens, buyers.reservations)))
            }
        }
    };
    let trial = Trial { name: "payment", connections: 512, ratio_min: 0.25, latency: None };
    Ok(compare(context, trial, &service, &mut source)?.into())
}

/// A new buyer for each of these seats.
fn prepare(service: &Service, seats: Range<u64>) -> Result<Buyers> {
    let tokens = inside::admit(service, seats.start + 1, seats.end - seats.start)?;
    crate::progress!("filling their wallets and holding their seats");
    measure::complete(service, &mut Repeat::once_each(Template::charge(SEAT_AMOUNT), Arc::clone(&tokens), 200))?;
    let mut reserve = Reserve::keeping(SEATS, seats, Arc::clone(&tokens));
    measure::complete(service, &mut reserve)?;
    Ok(Buyers { tokens, reservations: reserve.into_reservations().into() })
}
