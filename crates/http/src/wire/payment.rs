//! Payments.

use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Number;
use super::request::request;
use super::{Id, Money};

request! {
    /// The hold to pay.
    Payment {
        #[schema(required, value_type = Id)]
        reservation: Number as "reservationId" => id -> u64,
    }
}

/// What a paid seat is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaidSeatStatus {
    Reserved,
}

/// What a payment makes of the session that the seats were taken in. One that had run out before it stays EXPIRED where the token
/// is checked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaidQueueStatus {
    Done,
}

/// A payment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Paid {
    /// What was debited.
    pub payment_amount: Money,
    pub seat_status: PaidSeatStatus,
    pub queue_status: PaidQueueStatus,
    pub payment_id: Id,
}
