//! Payments.

use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Number;
use super::request::request;
use super::{Id, Money, SeatAmount};

request! {
    /// The hold to pay.
    Payment {
        #[schema(required, value_type = Id)]
        reservation: Number as "reservationId" => id -> u64,
    }
}

/// What paid seats are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaidSeatStatus {
    Reserved,
}

/// What a payment makes of the session that the seats were taken in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PaidQueueStatus {
    /// It is over. One that had run out before the payment stays EXPIRED where the token is checked.
    Done,
    /// It goes on, as the owner holds something else of that queue's dates: the payment of the last of them ends it.
    Progress,
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
    /// The seats, where there are several, or their date has prices for several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seats: Option<Vec<SeatAmount>>,
}
