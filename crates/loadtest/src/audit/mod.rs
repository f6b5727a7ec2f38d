//! The independent audit: what clients saw, judged by what must hold.

mod rule;
mod tally;

pub use rule::Rule;
pub use tally::Tally;
