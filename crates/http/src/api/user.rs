//! The wallet.

use bytes::Bytes;
use http::request::Parts;
use onsale_domain::command::Command;
use onsale_domain::reply::Reply;
use serde::Deserialize;

use super::fields::{Number, parse};
use super::reply::{Data, replayed, tagged};
use super::{Answer, Api, idempotency};
use crate::problem::{Code, unexpected};

/// An amount that the engine refuses, for all that are none: no charge is kept under it.
const AMOUNT_IMPOSSIBLE: u64 = 0;

#[derive(Deserialize)]
struct Charge {
    #[serde(default)]
    amount: Number,
}

impl Api {
    pub(super) async fn charge(&self, parts: &Parts, body: Bytes) -> Answer {
        let claims = self.caller(parts)?;
        let user = claims.user;
        let key = idempotency::key(&parts.headers)?;
        let amount = match parse::<Charge>(&body)?.amount.amount("amount") {
            // A key may have a result already, which comes before any refusal: only the engine knows.
            Err(problem) if key.is_some() && problem.code() == Code::AmountInvalid => AMOUNT_IMPOSSIBLE,
            amount => amount?,
        };
        if key.is_some() {
            self.check_room_to_charge(&claims)?;
        }
        let Reply::Charged(charged) = self.lane.submit(Command::Charge { user, amount, key }).await? else {
            return Err(unexpected());
        };
        let mut data = Data::with_capacity(32);
        data.number("amount", charged.value.balance);
        Ok(replayed(data.into_response(), charged.replayed))
    }

    pub(super) fn balance(&self, parts: &Parts) -> Answer {
        let user = self.caller(parts)?.user;
        let mut data = Data::with_capacity(32);
        data.number("amount", self.shared.node.views().users.balance(user));
        Ok(tagged(parts, &data.into_body()))
    }
}
