//! The engine for one machine: `journal.db`, an SQLite database in write-ahead-log mode, in a data directory that one
//! process owns.
//!
//! Every append is one transaction of one row and costs one `fdatasync`. The decision and the figures are in
//! `docs/adr/0002-sqlite-and-rusqlite.md`.

mod busy;
mod connection;
mod copy;
mod files;
mod journal;
mod lock;
mod log_end;
mod read_only;
mod reader;
mod repeat;
mod restore;
mod row;
mod segment;
mod store;
#[cfg(test)]
mod tests;
mod truncate;
mod verify;
mod wal;

pub use busy::busy_total;
pub use copy::{Copy, Extended};
pub use journal::Journal;
pub use read_only::ReadOnly;
pub use restore::{Remains, Until, cut};
pub use segment::{Behind, Bounds, Segment, behind};
pub use verify::Progress;

/// The journal's file in the data directory.
pub const FILE: &str = "journal.db";
