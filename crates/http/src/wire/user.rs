//! The wallet.

use utoipa::ToSchema;

use super::Money;

/// Money to add. Up to the store's limit for one charge: the maximum is that of a new store, and a server tells its own.
#[derive(ToSchema)]
pub struct Charge {
    #[schema(minimum = 1, maximum = 100_000_000, example = 50_000)]
    pub amount: u64,
}

/// What is in the wallet.
#[derive(ToSchema)]
pub struct Balance {
    pub amount: Money,
}
