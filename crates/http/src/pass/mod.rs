//! A pass: the ticket to the concert, as whoever paid shows it at the gate. A JWT (RFC 7519) signed with Ed25519 (RFC
//! 8037), one for each seat that was paid. On the wire and on the pages it is called a ticket; here that is the turn in a
//! queue.
//!
//! A gate verifies it with the public key alone, without a network; with one, it asks whether the seat is still what
//! the pass says. It names no user: whoever sees a pass learns nothing that opens the owner's wallet.

mod sign;
mod signed;
mod verify;

use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, SeatId};
use onsale_domain::time::Time;
use serde::{Deserialize, Serialize};

pub(crate) use sign::Signer;
pub(crate) use signed::Signed;
pub(crate) use verify::{KeySet, PASS_BYTES_MAX, authentic, is_pass};

/// Who may sit where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pass {
    pub(crate) reservation: ReservationId,
    pub(crate) payment: PaymentId,
    pub(crate) schedule: ScheduleId,
    pub(crate) seat: SeatId,
    pub(crate) paid_at: Time,
    /// How often it was issued anew.
    pub(crate) issue: u32,
}

/// The claims, in the order in which they are signed.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// `onsale/<16 hex digits>`: the store.
    iss: String,
    /// The reservation.
    rsv: u64,
    /// The payment.
    pay: u64,
    /// The schedule.
    sch: u64,
    seat: u64,
    /// When it was paid, in whole seconds since the Unix epoch.
    iat: u64,
    /// How often it was issued anew; a ticket that never was says nothing of it.
    #[serde(default, skip_serializing_if = "is_first")]
    isu: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_first(issue: &u32) -> bool {
    *issue == 0
}

impl Claims {
    fn of(pass: &Pass, store: u64) -> Self {
        Self {
            iss: issuer(store),
            rsv: pass.reservation.0,
            pay: pass.payment.0,
            sch: pass.schedule.0,
            seat: pass.seat.0,
            iat: pass.paid_at.0 / 1_000,
            isu: pass.issue,
        }
    }
}

pub(crate) fn issuer(store: u64) -> String {
    format!("onsale/{store:016x}")
}
