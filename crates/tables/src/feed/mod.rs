//! The feed: what happened, entry by entry, kept for a while beside the state, in the order of the journal.
//!
//! Its rows are written in the transaction that brings the tables to the same entries, so the two never disagree: whoever
//! takes over, and whatever a crash takes back. A row is a piece: the entries of a transaction, or of some, as a row for each event
//! would cost more than all else that is written.

mod cursor;
mod piece;
mod read;
mod write;

pub use cursor::Cursor;
pub(crate) use piece::TABLE;
pub use read::{Item, Page, Reader};
pub(crate) use write::{trim, write};
