//! The command within an operator's.

use minicbor::{Decode as _, Encode as _};

use super::Command;

/// The number of [`Command::Operate`]. One within another would mean nothing, and however deep a journal claims that
/// they go, the decoder must not follow.
const OPERATE: u32 = 18;

/// Decodes a command that an operator gave.
///
/// # Errors
/// When it is none, or is itself an operator's.
pub(super) fn decode_inner<C>(
    decoder: &mut minicbor::Decoder<'_>,
    context: &mut C,
) -> Result<Box<Command>, minicbor::decode::Error> {
    let mut ahead = decoder.probe();
    ahead.array()?;
    if ahead.u32()? == OPERATE {
        return Err(minicbor::decode::Error::message("an operator's command within another"));
    }
    Command::decode(decoder, context).map(Box::new)
}

/// The counterpart of [`decode_inner`].
///
/// # Errors
/// As the encoder's own.
pub(super) fn encode_inner<C, W: minicbor::encode::Write>(
    command: &Command,
    encoder: &mut minicbor::Encoder<W>,
    context: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    command.encode(encoder, context)
}
