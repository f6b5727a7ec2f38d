//! The wallet.

use bytes::Bytes;
use http::request::Parts;
use onsale_domain::ask::Ask;
use onsale_domain::idempotency::Key;

use super::reply::{json, replayed, tagged};
use super::{Answer, Api};
use crate::entry::Charge as Door;
use crate::problem::{Code, Problem};
use crate::token::Claims;
use crate::wire::fields::parse;
use crate::wire::{Balance, Charge, Money};

/// Stands in for an amount that is none: with a key the engine must answer first, and it refuses this one.
const AMOUNT_IMPOSSIBLE: u64 = 0;

impl Api {
    pub(super) async fn charge(&self, (claims, body): (Claims, Bytes), key: Option<Key>) -> Answer {
        if self.shared.doors.charge != Door::Open {
            return Err(Problem::new(Code::ChargeOff));
        }
        let user = claims.user;
        let amount = match parse::<Charge>(&body)?.amount() {
            // A key may have a result already, which comes before any refusal: only the engine knows.
            Err(problem) if key.is_some() && problem.code() == Code::AmountInvalid => AMOUNT_IMPOSSIBLE,
            amount => amount?,
        };
        if key.is_some() {
            self.check_room_to_charge(&claims)?;
        }
        let charged = self.lane.ask(Ask::charge(user, amount, key)).await?;
        let balance = Balance { amount: Money(charged.value.balance) };
        Ok(replayed(json(balance.body()), charged.replayed))
    }

    pub(super) fn balance(&self, parts: &Parts, claims: &Claims) -> Answer {
        let amount = Money(self.shared.node.views().users.balance(claims.user));
        Ok(tagged(parts, &Balance { amount }.body().into()))
    }
}
