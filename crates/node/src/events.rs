//! What happened, and what there is under a number, read from the tables: for operators and their programs, and for nobody who buys.

use std::sync::{Mutex, PoisonError};

use onsale_domain::feed::Event;
use onsale_domain::ids::UserId;
use onsale_tables::Place;
use onsale_tables::feed::Reader;
use onsale_tables::webhooks::Webhooks;

pub use onsale_tables::feed::{Cursor, Item, Page};
pub use onsale_tables::{Error, Movement, Person};

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
        self.with(|reader| reader.read(after, limit, wanted))
    }

    /// The one event at `at`; `None` where there is none, or not any more. Blocks.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn one(&self, at: Cursor) -> Result<Option<Item>, Error> {
        self.with(|reader| reader.one(at))
    }

    /// The place of the newest event; `None` where the feed has not begun. Blocks.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn newest(&self) -> Result<Option<Cursor>, Error> {
        self.with(Reader::newest)
    }

    /// What there is under the number of `user`: at most `limit` of each kind. Blocks for as long as it takes to look through the tables.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn person(&self, user: UserId, limit: u32) -> Result<Person, Error> {
        Person::read(&self.place, user, limit)
    }

    /// Who is sent them: see [`Webhooks::new`].
    #[must_use]
    pub fn webhooks(&self, is_durable: bool) -> Webhooks {
        Webhooks::new(&self.place, is_durable)
    }

    fn with<T>(&self, read: impl Fn(&Reader) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(reader) = idle {
            // Its session may have ended while nobody read.
            if let Ok(found) = read(&reader) {
                self.keep(reader);
                return Ok(found);
            }
        }
        let reader = Reader::open(&self.place)?;
        let found = read(&reader)?;
        self.keep(reader);
        Ok(found)
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
