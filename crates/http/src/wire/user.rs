//! The wallet.

use serde::Serialize;
use utoipa::ToSchema;

use super::Money;
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
