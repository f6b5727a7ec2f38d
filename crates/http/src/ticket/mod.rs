//! The ticket to the concert: a JWT (RFC 7519) signed with Ed25519 (RFC 8037), one for each seat that was paid.
//!
//! A gate verifies it with the public key alone, without a network; with one, it asks whether the seat is still what
//! the ticket says. It names no user: whoever sees a ticket learns nothing that opens the owner's wallet.

mod sign;
mod signed;
mod verify;

use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, SeatId};
use onsale_domain::time::Time;
use serde::{Deserialize, Serialize};

pub(crate) use sign::Signer;
pub(crate) use signed::Signed;
pub(crate) use verify::{KeySet, TICKET_BYTES_MAX, authentic, is_ticket};

/// Who may sit where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    pub(crate) reservation: ReservationId,
    pub(crate) payment: PaymentId,
    pub(crate) schedule: ScheduleId,
    pub(crate) seat: SeatId,
    pub(crate) paid_at: Time,
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
}

impl Claims {
    fn of(ticket: &Ticket, store: u64) -> Self {
        Self {
            iss: issuer(store),
            rsv: ticket.reservation.0,
            pay: ticket.payment.0,
            sch: ticket.schedule.0,
            seat: ticket.seat.0,
            iat: ticket.paid_at.0 / 1_000,
        }
    }
}

fn issuer(store: u64) -> String {
    format!("onsale/{store:016x}")
}
