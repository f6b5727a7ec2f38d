//! Paying a hold.

use bytes::Bytes;
use onsale_domain::ask::Ask;
use onsale_domain::idempotency::Key;
use onsale_domain::ids::ReservationId;

use super::reply::{json, replayed};
use super::{Answer, Api};
use crate::holdings::seat_amounts;
use crate::token::Claims;
use crate::wire::fields::parse;
use crate::wire::{Id, Money, Paid, PaidQueueStatus, PaidSeatStatus, Payment, SeatAmount};

impl Api {
    pub(super) async fn pay(&self, (claims, body): (Claims, Bytes), key: Option<Key>) -> Answer {
        let user = claims.user;
        let reservation = ReservationId(parse::<Payment>(&body)?.reservation()?);
        let paid = self.lane.ask(Ask::pay(user, reservation, key)).await?;
        let data = Paid {
            payment_amount: Money(paid.value.amount),
            seat_status: PaidSeatStatus::Reserved,
            queue_status: match paid.value.session_until {
                None => PaidQueueStatus::Done,
                Some(_) => PaidQueueStatus::Progress,
            },
            payment_id: Id(paid.value.payment.0),
            seats: self.seats_paid(reservation),
        };
        Ok(replayed(json(data.body()), paid.replayed))
    }

    /// The seats that were paid, where there are several or it matters for whom: what was just paid is in the views before it is
    /// answered.
    fn seats_paid(&self, reservation: ReservationId) -> Option<Vec<SeatAmount>> {
        let row = self.shared.node.views().users.paid(reservation)?;
        (row.seats.len() > 1 || !row.price_types.is_empty()).then(|| seat_amounts(&row))
    }
}
