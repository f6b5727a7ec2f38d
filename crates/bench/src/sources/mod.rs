//! Where the generator's requests come from: one source per kind of traffic.

mod churn;
mod issue;
mod pay;
mod repeat;
mod reserve;
mod tokens;

pub(crate) use churn::Churn;
pub(crate) use issue::{Issue, token_in};
pub(crate) use pay::Pay;
pub(crate) use repeat::Repeat;
pub(crate) use reserve::{Reserve, Seats, reservation_in};
pub(crate) use tokens::Tokens;
