//! Payments.

use serde::Serialize;
use utoipa::ToSchema;

use super::by_hand::{in_envelope, number};
use super::fields::Number;
use super::request::request;
use super::{Id, Money, SeatAmount, envelope};

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

impl Paid {
    /// In the envelope. Without a list of seats by hand: of the 33,000 instructions that a payment takes where requests are served, the
    /// names were 2,000, under callgrind.
    pub(crate) fn body(&self) -> Vec<u8> {
        if self.seats.is_some() {
            return envelope(self);
        }
        let Self { payment_amount, seat_status: PaidSeatStatus::Reserved, queue_status, payment_id, seats: _ } = self;
        in_envelope(192, |out| {
            number(out, b"{\"paymentAmount\":", payment_amount.0);
            out.extend_from_slice(match queue_status {
                PaidQueueStatus::Done => &b",\"seatStatus\":\"RESERVED\",\"queueStatus\":\"DONE\""[..],
                PaidQueueStatus::Progress => &b",\"seatStatus\":\"RESERVED\",\"queueStatus\":\"PROGRESS\""[..],
            });
            number(out, b",\"paymentId\":", payment_id.0);
            out.push(b'}');
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_written_as_its_type_says() {
        for (queue_status, seats) in [
            (PaidQueueStatus::Done, None),
            (PaidQueueStatus::Progress, None),
            (PaidQueueStatus::Done, Some(vec![SeatAmount { seat_id: Id(3), amount: Money(0), price_type: None }])),
        ] {
            let (payment_amount, payment_id) = (Money(u64::MAX), Id(7));
            let paid = Paid { payment_amount, seat_status: PaidSeatStatus::Reserved, queue_status, payment_id, seats };
            assert_eq!(String::from_utf8(paid.body()), String::from_utf8(envelope(&paid)));
        }
    }
}
