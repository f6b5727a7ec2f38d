//! What operators do, kept for the record: who moved which lever when, and what those who wait are told.
//!
//! Both are history. The engine writes them and never asks for them again, so they are no part of its fingerprint.

mod change;
mod lever;
mod news;
mod words;

use minicbor::{Decode, Encode};

use crate::ids::KeyId;

pub(crate) use change::{Change, Rules};
pub use lever::{Action, LeverRow};
pub use news::{Kind, NEWS_BYTES_MAX, NewsRow, Text};

/// Who moves a lever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Operator {
    /// The admin key that opened the door: the first four bytes of its SHA-256.
    #[n(0)]
    pub key: KeyId,
    /// What the operator says their name is.
    #[n(1)]
    pub name: Option<String>,
}
