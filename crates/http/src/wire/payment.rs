//! Payments.

use utoipa::ToSchema;

use super::{Id, Money};

/// The hold to pay.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Payment {
    pub reservation_id: Id,
}

/// What a paid seat is.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub enum PaidSeatStatus {
    Reserved,
}

/// What the ticket of somebody who paid is.
#[derive(ToSchema)]
#[schema(rename_all = "UPPERCASE")]
pub enum PaidQueueStatus {
    Done,
}

/// A payment.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Paid {
    /// What was debited.
    pub payment_amount: Money,
    pub seat_status: PaidSeatStatus,
    pub queue_status: PaidQueueStatus,
    pub payment_id: Id,
}
