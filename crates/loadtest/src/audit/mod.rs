//! The independent audit: what clients saw, judged by what must hold.

pub mod line;
mod rule;
pub mod seats;
mod tally;
pub mod wallets;

pub use rule::Rule;
pub use tally::Tally;
