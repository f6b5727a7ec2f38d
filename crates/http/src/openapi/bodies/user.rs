//! The wallet.

use utoipa::ToSchema;

use super::Money;

/// Money to add. Up to the store's limit for one charge.
#[derive(ToSchema)]
pub struct Charge {
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 50_000)]
    pub amount: u64,
}

/// What is in the wallet.
#[derive(ToSchema)]
pub struct Balance {
    pub amount: Money,
}
