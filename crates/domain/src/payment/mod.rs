//! Payments: what one is, and what it answers. It takes a wallet, seats and a session at once, so the rule by which it is
//! made is the engine's.

use minicbor::{Decode, Encode};

use crate::ids::{PaymentId, ReservationId, UserId};
use crate::time::Time;

/// A payment that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    pub id: PaymentId,
    pub reservation: ReservationId,
    pub user: UserId,
    pub amount: u64,
    pub paid_at: Time,
}

/// What a payment answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Paid {
    #[n(0)]
    pub payment: PaymentId,
    #[n(1)]
    pub amount: u64,
    /// Until when the owner's session goes on, where they hold something else that is live. From
    /// [`level::SELLING`](crate::level::SELLING) on: until then each payment ends it.
    #[n(2)]
    pub session_until: Option<Time>,
}
