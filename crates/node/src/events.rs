//! What happened, read from the tables: for programs beside the store, and for nobody who buys.

use std::sync::{Mutex, PoisonError};

use onsale_domain::feed::Event;
use onsale_tables::Place;
use onsale_tables::feed::Reader;

pub use onsale_tables::Error;
pub use onsale_tables::feed::{Cursor, Item, Page};

use crate::options::Store;

/// How many that nobody reads with just now are kept: a session each, in a database.
const IDLE_MAX: usize = 2;

/// The feed of the store.
pub struct Events {
    place: Place,
    idle: Mutex<Vec<Reader>>,
}

impl Events {
    pub(crate) fn new(store: &Store) -> Self {
        let place = match store {
            Store::Directory(dir) => Place::Directory(dir.clone()),
            Store::Postgres(target) => Place::Postgres(target.clone()),
        };
        Self { place, idle: Mutex::default() }
    }

    /// The first events behind `after`, or from the oldest on, that are `wanted`: at most `limit` of them. Blocks, on a file or
    /// on a session of its own.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn read(&self, after: Option<Cursor>, limit: usize, wanted: &dyn Fn(&Event) -> bool) -> Result<Page, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = idle {
            // Its session may have ended while nobody read.
            if let Ok(page) = reader.read(after, limit, wanted) {
                self.keep(reader);
                return Ok(page);
            }
        }
        let reader = Reader::open(&self.place)?;
        let page = reader.read(after, limit, wanted)?;
        self.keep(reader);
        Ok(page)
    }

    fn keep(&self, reader: Reader) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(reader);
        }
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("place", &self.place).finish_non_exhaustive()
    }
}
