//! Paying a hold.

use bytes::Bytes;
use http::request::Parts;
use onsale_domain::command::Command;
use onsale_domain::ids::ReservationId;
use onsale_domain::reply::Reply;

use super::reply::{replayed, success};
use super::{Answer, Api, idempotency};
use crate::problem::unexpected;
use crate::token::Claims;
use crate::wire::fields::parse;
use crate::wire::{Id, Money, Paid, PaidQueueStatus, PaidSeatStatus, Payment};

impl Api {
    pub(super) async fn pay(&self, parts: &Parts, (claims, body): (Claims, Bytes)) -> Answer {
        let user = claims.user;
        let key = idempotency::key(&parts.headers)?;
        let reservation = ReservationId(parse::<Payment>(&body)?.reservation()?);
        let Reply::Paid(paid) = self.lane.submit(Command::Pay { user, reservation, key }).await? else {
            return Err(unexpected());
        };
        let data = Paid {
            payment_amount: Money(paid.value.amount),
            seat_status: PaidSeatStatus::Reserved,
            queue_status: PaidQueueStatus::Done,
            payment_id: Id(paid.value.payment.0),
        };
        Ok(replayed(success(data), paid.replayed))
    }
}
