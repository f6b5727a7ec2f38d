//! Where an engine stands.

use crate::fingerprint::{Hash, Kind};
use crate::ids::{PaymentId, ReservationId, TransferId};
use crate::time::Time;

/// Where the engine stands after a batch. The tables keep the newest beside the rows, in the same transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the last batch applied; 0 before the first.
    pub seq: u64,
    pub time: Time,
    /// Over the whole state, see [`crate::fingerprint`].
    pub fingerprint: u64,
    pub counters: Counters,
}

/// The state that belongs to no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    pub next_reservation: ReservationId,
    pub next_payment: PaymentId,
    pub next_transfer: TransferId,
    /// All charges and credits so far, less what was debited back.
    pub charged: u128,
    /// All payments so far.
    pub sold: u128,
}

impl Counters {
    /// The high words of sums count from where there are any: before, a state is what it was when sums had 64 bits.
    pub(super) fn hash(&self) -> u64 {
        let Self { next_reservation, next_payment, next_transfer, charged, sold } = *self;
        let hash = Hash::new(Kind::Counters)
            .words([next_reservation.0, next_payment.0, next_transfer.0])
            .words([charged as u64, sold as u64]);
        let high = [(charged >> 64) as u64, (sold >> 64) as u64];
        if high == [0, 0] { hash.finish() } else { hash.words(high).finish() }
    }
}
