//! What operators do, kept for the record: who moved which lever when, and what those who wait are told.
//!
//! Both are history. The engine writes them and never asks for them again, so they are no part of its fingerprint. Who has a key
//! of their own is state.

mod change;
mod lever;
mod news;
mod roster;
mod words;

use minicbor::{Decode, Encode};

use crate::ids::KeyId;

pub(crate) use change::{Change, Rules};
pub use lever::{Action, LeverRow};
pub use news::{Kind, NEWS_BYTES_MAX, NewsRow, Text};
pub use roster::{NAME_CHARS_MAX, OPERATORS_MAX, OperatorRow, Role, Roster};

/// Who moves a lever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Operator {
    /// The admin key that opened the door: the first four bytes of its SHA-256.
    #[n(0)]
    pub key: KeyId,
    /// What the operator says their name is; of one with a key of their own, what the key says.
    #[n(1)]
    pub name: Option<String>,
}
