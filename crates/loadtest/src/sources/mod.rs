//! Where the generator's requests come from: one source per kind of traffic.

mod churn;
mod issue;
mod pay;
mod repeat;
mod reserve;
mod steady;
mod tokens;

pub use churn::Churn;
pub use issue::{Issue, token_in};
pub use pay::Pay;
pub use repeat::Repeat;
pub use reserve::{Reserve, Seats, reservation_in};
pub use steady::Steady;
pub use tokens::Tokens;
