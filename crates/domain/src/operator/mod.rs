//! What operators do, kept for the record: who moved which lever when, and what those who wait are told.
//!
//! Both are history. The engine writes them and never asks for them again, so they are no part of its fingerprint.

mod lever;
mod news;

use minicbor::decode::Error;
use minicbor::{Decode, Decoder, Encode};

use crate::command::Command;
use crate::ids::KeyId;

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

/// The number of [`Command::Operate`]. One within another would mean nothing, and however deep a journal claims that
/// they go, the decoder must not follow.
const OPERATE: u32 = 18;

/// Decodes a command that an operator gave.
///
/// # Errors
/// When it is none, or is itself an operator's.
pub(crate) fn decode_inner<C>(decoder: &mut Decoder<'_>, context: &mut C) -> Result<Box<Command>, Error> {
    let mut ahead = decoder.probe();
    ahead.array()?;
    if ahead.u32()? == OPERATE {
        return Err(Error::message("an operator's command within another"));
    }
    Command::decode(decoder, context).map(Box::new)
}

/// The counterpart of [`decode_inner`].
///
/// # Errors
/// As the encoder's own.
pub(crate) fn encode_inner<C, W: minicbor::encode::Write>(
    command: &Command,
    encoder: &mut minicbor::Encoder<W>,
    context: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    command.encode(encoder, context)
}
