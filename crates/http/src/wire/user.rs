//! The wallet.

use serde::Serialize;
use utoipa::ToSchema;

use super::Money;
use super::by_hand::{in_envelope, number};
use super::fields::Number;
use super::request::request;

request! {
    /// Money to add. Up to the store's limit for one charge: the maximum is that of a new store, and a server tells its own.
    Charge {
        #[schema(required, value_type = u64, minimum = 1, maximum = 100_000_000, example = 50_000)]
        amount: Number as "amount" => amount -> u64,
    }
}

/// What is in the wallet.
#[derive(Serialize, ToSchema)]
pub struct Balance {
    pub amount: Money,
}

impl Balance {
    /// In the envelope, as `Serialize` would have it: to look through the names for what to escape was 870 of the 44,000
    /// instructions that the server spends on a charge, under callgrind.
    pub(crate) fn body(&self) -> Vec<u8> {
        in_envelope(96, |out| {
            number(out, b"{\"amount\":", self.amount.0);
            out.push(b'}');
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::envelope;

    #[test]
    fn a_balance_is_written_as_its_type_says() {
        for amount in [0, 7, u64::MAX] {
            let balance = Balance { amount: Money(amount) };
            let by_hand = balance.body();
            assert_eq!(String::from_utf8(by_hand), String::from_utf8(envelope(balance)));
        }
    }
}
