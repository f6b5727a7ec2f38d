//! The engine's state as SQL tables: for people and their reports, and for a start that need not replay the whole
//! journal.
//!
//! The tables are a projection of the journal, so they may be behind it and never ahead. Each transaction takes them
//! from one batch number to a later one, with the engine's fingerprint at that batch beside the rows.

pub mod audit;
mod coalesced;
mod code;
mod error;
mod fields;
pub mod history;
mod latest;
mod mark;
mod migrate;
pub mod report;
mod rows;
mod store;
mod tables;
mod writer;

pub use coalesced::Coalesced;
pub use error::{Error, Refused, busy_total};
pub use mark::Stored;
pub use store::FILE_NAME;
pub use tables::Tables;
