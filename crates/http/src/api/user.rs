//! The wallet.

use bytes::Bytes;
use http::request::Parts;
use onsale_domain::command::Command;
use onsale_domain::reply::Reply;
use serde::Deserialize;

use super::fields::{Number, parse};
use super::reply::{Data, replayed, unexpected};
use super::{Answer, Api, idempotency};

#[derive(Deserialize)]
struct Charge {
    #[serde(default)]
    amount: Number,
}

impl Api {
    pub(super) async fn charge(&self, parts: &Parts, body: Bytes) -> Answer {
        let user = self.caller(parts)?.user;
        let key = idempotency::key(&parts.headers)?;
        let amount = parse::<Charge>(&body)?.amount.amount("amount")?;
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
        Ok(data.into_response())
    }
}
