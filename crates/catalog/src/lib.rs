//! What a catalog file says: concerts, their dates and their seats, in JSON or CSV.
//!
//! A file is read whole or refused whole, and a refusal names every problem by its place in the file. A
//! [`Document`] can be had only that way, so that one that exists keeps the rules.

mod csv;
mod currency;
mod demo;
mod document;
mod json;
mod look;
mod moment;
mod parts;
mod problem;
mod refused;
mod rule;
mod text;
mod unique;

pub use currency::{is_currency, minor_digits};
pub use demo::demo;
pub use document::{Count, Document};
pub use look::{shows_nothing, turns_text};
pub use moment::{absolute, local};
pub use problem::{Problem, Problems};
pub use refused::Refused;

/// The most seats of one schedule.
pub const SEATS_PER_SCHEDULE_MAX: usize = 200_000;
/// The most seats of one document that are written as rows: a few bytes of it make hundreds of thousands.
pub const SEATS_IN_ROWS_MAX: usize = 2_000_000;
/// The most seats in one part of an upload, see [`Document::parts`].
pub const SEATS_PER_PART_MAX: usize = 5_000;
