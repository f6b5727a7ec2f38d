//! Paying a hold.

use bytes::Bytes;
use http::request::Parts;
use onsale_domain::command::Command;
use onsale_domain::ids::ReservationId;
use onsale_domain::reply::Reply;
use serde::Deserialize;

use super::fields::{Number, parse};
use super::reply::{Data, replayed};
use super::{Answer, Api, idempotency};
use crate::problem::unexpected;

#[derive(Deserialize)]
struct Pay {
    #[serde(default, rename = "reservationId")]
    reservation: Number,
}

impl Api {
    pub(super) async fn pay(&self, parts: &Parts, body: Bytes) -> Answer {
        let user = self.caller(parts)?.user;
        let key = idempotency::key(&parts.headers)?;
        let reservation = ReservationId(parse::<Pay>(&body)?.reservation.id("reservationId")?);
        let Reply::Paid(paid) = self.lane.submit(Command::Pay { user, reservation, key }).await? else {
            return Err(unexpected());
        };
        let mut data = Data::with_capacity(128);
        data.number("paymentAmount", paid.value.amount)
            .text("seatStatus", b"RESERVED")
            .text("queueStatus", b"DONE")
            .number("paymentId", paid.value.payment.0);
        Ok(replayed(data.into_response(), paid.replayed))
    }
}
