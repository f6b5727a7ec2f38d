//! The writer of the tables.

use std::path::Path;

use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use onsale_postgres::Target;

use crate::error::{Error, Refused};
use crate::mark::ProvenMark;
use crate::{postgres, sqlite};

/// A week.
const FEED_KEEP_MS: u64 = 7 * 24 * 3_600_000;

/// The tables of one data directory, for the one process that owns it; or those in a database, which any node of a
/// cluster may write.
pub struct Tables {
    engine: Engine,
    /// How long the feed is kept, in milliseconds.
    feed_keep_ms: u64,
}

enum Engine {
    Sqlite(sqlite::Tables),
    Postgres(Box<postgres::Tables>),
}

macro_rules! engine {
    ($self:expr, $tables:ident => $call:expr) => {
        match $self {
            Engine::Sqlite($tables) => $call,
            Engine::Postgres($tables) => $call,
        }
    };
}

impl Tables {
    fn new(engine: Engine) -> Self {
        Self { engine, feed_keep_ms: FEED_KEEP_MS }
    }

    /// Keeps the feed for so long, in milliseconds of the journal's time, instead of a week.
    #[must_use]
    pub fn with_feed_keep(self, feed_keep_ms: u64) -> Self {
        Self { feed_keep_ms, ..self }
    }

    /// Opens the tables in `dir`, makes them where there are none, and migrates an older schema.
    ///
    /// # Errors
    /// [`Error::Newer`] when a newer program made them; [`Error::Open`] and others when the file cannot be used.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        sqlite::Tables::open(dir).map(|tables| Self::new(Engine::Sqlite(tables)))
    }

    /// Opens the tables in a database, makes them where there are none, and migrates an older schema.
    ///
    /// # Errors
    /// [`Error::Newer`] when a newer program made them; [`Error::Away`] and others when the database cannot be used.
    pub fn open_postgres(target: &Target) -> Result<Self, Error> {
        postgres::Tables::open(target).map(|tables| Self::new(Engine::Postgres(Box::new(tables))))
    }

    /// The store that the tables belong to; `None` until [`Self::claim`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn store_id(&self) -> Result<Option<u64>, Error> {
        engine!(&self.engine, tables => tables.store_id())
    }

    /// Ties new tables to the journal of the store `store_id`; for others, checks that they are tied to it.
    ///
    /// # Errors
    /// [`Error::Foreign`] when they are another store's.
    pub fn claim(&mut self, store_id: u64) -> Result<(), Error> {
        engine!(&mut self.engine, tables => tables.claim(store_id))
    }

    /// The currency of the store, ISO 4217. A store that has none yet gets `first` for good.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn currency(&mut self, first: &str) -> Result<String, Error> {
        engine!(&mut self.engine, tables => tables.currency(first))
    }

    /// The batch that the tables are at; `None` before the first projection.
    ///
    /// # Errors
    /// When they cannot be read, or [`Error::Corrupt`].
    pub fn mark(&self) -> Result<Option<ProvenMark>, Error> {
        engine!(&self.engine, tables => tables.mark())
    }

    /// The number of the batch that the tables are at, 0 before the first projection, over a new session where the last one
    /// was lost.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn refresh(&mut self) -> Result<u64, Error> {
        match &mut self.engine {
            Engine::Sqlite(tables) => Ok(tables.mark()?.map_or(0, |stored| stored.mark.seq)),
            Engine::Postgres(tables) => tables.refresh(),
        }
    }

    /// [`Self::mark`], and a promise that the next [`Self::load`] is of that same batch, whatever others project
    /// meanwhile.
    ///
    /// # Errors
    /// As [`Self::mark`].
    pub fn snapshot(&mut self) -> Result<Option<ProvenMark>, Error> {
        match &mut self.engine {
            // Nobody else writes to them.
            Engine::Sqlite(tables) => tables.mark(),
            Engine::Postgres(tables) => tables.snapshot(),
        }
    }

    /// Hands every row of the state to `into`, and says how many there were: the settings, queues, tickets (by
    /// queue and number), presence, wallets, concerts, schedules, seats (a schedule's in order of position),
    /// reservations, payments, idempotency keys (in order of storing, then of key), staged parts, and the newest
    /// news and levers. What is only history besides (transfers, forgotten tickets and reservations) is not loaded.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a stored value cannot be right, [`Error::Refused`] when `into` fails.
    pub fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, Error> {
        engine!(&mut self.engine, tables => tables.load(into))
    }

    /// Takes the tables from batch `from` to `mark.seq` in one transaction: all of it, or nothing. `rows` are what
    /// the batches after `from` changed, in order, or as [`crate::Coalesced`] has merged them. `hash` is the
    /// journal's at `mark.seq`.
    ///
    /// Rows are values, not differences: with rows of batches before `from` too, the outcome is the same.
    ///
    /// # Errors
    /// [`Error::Moved`] when the tables are not at `from`, [`Error::NotForward`] when `mark.seq` is not greater,
    /// [`Error::Unclaimed`] before [`Self::claim`]. [`Error::Full`], [`Error::Busy`] and [`Error::Away`] may be
    /// retried. Nothing is changed by any, unless it is [`Error::Away`]. That is told also, once, where the session has ended
    /// since the last call: the next may be with another server.
    pub fn project(&mut self, from: u64, mark: &Mark, hash: &[u8; 32], rows: &[Row]) -> Result<(), Error> {
        if mark.seq <= from {
            return Err(Error::NotForward { from, to: mark.seq });
        }
        let feed_since = Time(mark.time.0.saturating_sub(self.feed_keep_ms));
        engine!(&mut self.engine, tables => tables.project(from, mark, hash, rows, feed_since))
    }

    /// Writes a copy, as of one moment, into another directory, where there is none yet. It is on stable storage when
    /// this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn copy_to(&self, dir: &Path) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(tables) => tables.copy_to(dir),
            Engine::Postgres(_) => Err(Error::NotAFile),
        }
    }

    /// Makes everything projected so far survive a power cut, whoever reads meanwhile, and says up to which batch
    /// that is. The journal may be truncated only up to a batch that was sealed in the tables like this.
    ///
    /// # Errors
    /// When the disk fails, or [`Error::Full`]. Then nothing is known to be sealed.
    pub fn seal(&mut self) -> Result<u64, Error> {
        engine!(&mut self.engine, tables => tables.seal())
    }
}
