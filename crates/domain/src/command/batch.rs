//! The commands of one journal entry.

use minicbor::{Decode, Encode};

use crate::{cbor, level};

use super::Command;

/// The commands of one journal entry, as they are encoded in its payload.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Batch {
    #[n(0)]
    pub commands: Vec<Command>,
}

impl Batch {
    /// Appends this batch's encoding to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        cbor::encode_into(self, out);
    }

    /// # Errors
    /// When `bytes` is not the encoding of a batch, and of nothing besides; and when the batch raises the store to a level
    /// that this program cannot read.
    pub fn decode(bytes: &[u8]) -> Result<Self, minicbor::decode::Error> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let batch: Self = decoder.decode()?;
        if decoder.position() != bytes.len() {
            return Err(minicbor::decode::Error::message("something follows the batch"));
        }
        let unread = |command: &Command| matches!(command, Command::Raise { level } if *level > level::NEWEST);
        if batch.commands.iter().any(unread) {
            return Err(minicbor::decode::Error::message(
                "the store is raised to a level that this program cannot read",
            ));
        }
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{KeyId, UserId};
    use crate::operator::Operator;

    #[test]
    fn an_operators_command_within_another_is_refused() {
        let by = Operator { key: KeyId(1), name: None };
        let operate = |command| Command::Operate { by: by.clone(), command: Box::new(command) };
        let decoded = |command: &Command| {
            let mut bytes = Vec::new();
            Batch { commands: vec![command.clone()] }.encode_into(&mut bytes);
            Batch::decode(&bytes).ok()
        };
        let once = operate(Command::Revoke { user: UserId(1) });
        assert_eq!(decoded(&once), Some(Batch { commands: vec![once.clone()] }));
        assert_eq!(decoded(&operate(once)), None);
    }
}
