use onsale_postgres::Kind;

use super::connection::{Connection, Failure, Store};
use crate::{Checkpoint, Error, Head, Truncated, seal};

/// Checks that the journal can be truncated at `wanted`.
pub(super) fn check(session: &impl Connection, wanted: &Checkpoint) -> Result<(), Error> {
    let refuse = |reason: String| Err(Error::Checkpoint { seq: wanted.seq, reason });
    if let Some(sealed) = Store::load(session)?.checkpoint {
        if sealed == *wanted {
            return Ok(());
        }
        if wanted.seq <= sealed.seq {
            return refuse(format!("a checkpoint is sealed at {} already", sealed.seq));
        }
    }
    match session.at(wanted.seq)? {
        Some(found) if found == wanted.head() => Ok(()),
        Some(Head { hash, .. }) => {
            refuse(format!("that entry's hash is {hash}, and the checkpoint says {}", wanted.hash))
        }
        None => refuse("there is no such entry".to_owned()),
    }
}

/// Seals `checkpoint`, unless somebody has gone as far, and then deletes a piece of what is covered. `check` has been made
/// before. Sealing waits for the append that is on its way, and the next append for it: what an append finds sealed stays so
/// until it is durable. Only what is sealed is deleted, in transactions that no append waits for.
pub(super) fn step(session: &impl Connection, store_id: u64, checkpoint: &Checkpoint) -> Result<Truncated, Error> {
    let sealed = session.seal(checkpoint, &seal::seal_of(checkpoint, store_id));
    sealed.and_then(|()| session.delete_piece()).map_err(|failure| match failure {
        Failure::Session { kind: Kind::Full, .. } => Error::Full,
        // Sealing the same place again is harmless: it can always be tried again.
        failure => failure.into(),
    })
}
