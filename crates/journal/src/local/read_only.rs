use std::path::Path;

use super::lock::Lock;
use super::reader::Reader;
use super::store::{Opened, Store};
use super::verify::{self, Progress};
use super::{connection, truncate};
use crate::{Checkpoint, Error, Head};

/// A stopped store, for looking at it: it is locked and verified like one that is opened for appending, and not changed.
pub struct ReadOnly {
    store: Store,
    checkpoint: Option<Checkpoint>,
    head: Head,
    _lock: Lock,
}

impl ReadOnly {
    /// Locks the store in `dir` and verifies its chain, reporting progress every 16 MiB.
    ///
    /// # Errors
    /// [`Error::Locked`] while a server runs on it; [`Error::Format`] if there is no journal of ours;
    /// [`Error::Corrupt`] with the first bad entry; [`Error::Io`].
    pub fn open(dir: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Self, Error> {
        let Opened { store, conn, lock } = Store::open_read_only(dir)?;
        // One view, so that the checkpoint and the entries belong together.
        let view =
            conn.unchecked_transaction().map_err(|source| connection::reading(1, "reading the journal", source))?;
        let checkpoint = truncate::load(&view, store.id)?;
        let base = checkpoint.map_or_else(|| store.genesis(), |sealed| sealed.head());
        let head = verify::all(&view, base, progress)?;
        Ok(Self { store, checkpoint, head, _lock: lock })
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// See [`crate::Journal::store_id`].
    pub fn store_id(&self) -> u64 {
        self.store.id
    }

    /// The last entry; the checkpoint, or genesis, if there is none.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Where the journal was last truncated, if it ever was.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// Opens a reader with a connection of its own.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn reader(&self) -> Result<Box<dyn crate::Reader>, Error> {
        Ok(Box::new(Reader::open(&self.store)?))
    }
}
