//! The engine's state as SQL tables: for people and their reports, and for a start that need not replay the whole
//! journal.
//!
//! The tables are a projection of the journal, so they may be behind it and never ahead. Each transaction takes them
//! from one batch number to a later one, with the engine's fingerprint at that batch beside the rows.

pub mod audit;
pub mod checkpoint;
mod coalesced;
mod code;
mod copy;
mod currency;
mod error;
pub mod feed;
mod fields;
pub mod history;
mod keys;
mod latest;
mod mark;
mod nodes;
mod place;
mod postgres;
pub mod report;
mod rows;
mod sqlite;
mod table;
mod tables;
mod turn;
mod value;
mod versions;
pub mod webhooks;

pub use coalesced::Coalesced;
pub use copy::copy;
pub use error::{Error, Refused, busy_total};
pub use keys::Keys;
pub use mark::ProvenMark;
pub use nodes::{Heard, Nodes, Statistics, Word};
pub use place::Place;
pub use rows::{Movement, Person};
pub use sqlite::{FILE_NAME, copy_into};
pub use tables::Tables;
pub use turn::Turn;
