//! What can go wrong between the engine and its tables.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why the receiver of [`crate::Tables::load`] would not take a row.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open the tables {}: {source}", path.display())]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("{} are tables of schema version {found}; this program knows versions up to {known}: use a newer one", path.display())]
    Newer { path: PathBuf, found: u32, known: u32 },
    /// A reader migrates nothing.
    #[error("{} are tables of schema version {found}, this program reads version {known}: start its server on them once", path.display())]
    Older { path: PathBuf, found: u32, known: u32 },
    /// They are a projection of another journal than the one beside them.
    #[error("the tables belong to the store {found:016x}, not to {expected:016x}")]
    Foreign { expected: u64, found: u64 },
    /// [`crate::Tables::claim`] was never called on them.
    #[error("the tables belong to no store yet")]
    Unclaimed,
    /// Somebody else has written to them, or the caller's idea of where they are is wrong. Nothing was changed.
    #[error("the tables are at batch {found}, not at {expected}")]
    Moved { expected: u64, found: u64 },
    /// The caller's mistake: tables only go forward. Nothing was changed.
    #[error("the tables are at batch {from} and cannot go to {to}")]
    NotForward { from: u64, to: u64 },
    /// No room on the disk. Nothing was changed; the same call may be made again when there is room.
    #[error("no room on the disk for the tables")]
    Full(#[source] Refused),
    /// Somebody else has locked the file for longer than is waited for. Nothing was changed; the same call may be made
    /// again.
    #[error("somebody else has locked the tables")]
    Busy(#[source] Refused),
    /// A value that no engine makes, so that the tables could not give it back. Nothing was changed.
    #[error("{what} {value} is too great for the tables")]
    TooGreat { what: &'static str, value: u64 },
    /// A stored value that no engine can have written.
    #[error("table {table}, row {key}: {column} is not what the engine writes")]
    Corrupt { table: &'static str, key: String, column: String },
    /// The receiver of the rows said no.
    #[error("a row of the tables does not fit: {0}")]
    Refused(#[source] Refused),
    #[error("somebody else is compacting the store")]
    Compacting,
    #[error("the tables are in a database, and not a file that can be copied")]
    NotAFile,
    #[error("{} cannot be made durable: {source}", path.display())]
    Sync { path: PathBuf, source: std::io::Error },
    /// The database cannot be reached. What was to be changed may be, as a whole, or not: [`Error::Moved`] tells at the
    /// next try.
    #[error("the tables: {0}")]
    Away(#[source] onsale_postgres::Error),
    #[error("the tables: {0}")]
    Postgres(#[source] onsale_postgres::Error),
    #[error("the tables: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl Error {
    /// Whether what is stored is broken, so that no other try can do better.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Corrupt { .. } | Self::Refused(_) => true,
            Self::Open { source, .. } | Self::Sqlite(source) => {
                // Our statements fit the schema that was migrated: where SQLite finds no such column, its text has changed.
                matches!(source, rusqlite::Error::SqlInputError { .. })
                    || matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
            }
            _ => false,
        }
    }
}

static BUSY: AtomicU64 = AtomicU64::new(0);

/// How often SQLite found the tables in use by somebody else, since the process began.
#[must_use]
pub fn busy_total() -> u64 {
    BUSY.load(Ordering::Relaxed)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error().map(|e| (e.code, e.extended_code)) else {
            return Self::Sqlite(error);
        };
        match code {
            // The second is the shared-memory index of the write-ahead log that found no room to grow.
            (rusqlite::ErrorCode::DiskFull, _) | (_, rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => Self::Full(error.into()),
            (rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked, _) => {
                BUSY.fetch_add(1, Ordering::Relaxed);
                Self::Busy(error.into())
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<onsale_postgres::Error> for Error {
    fn from(error: onsale_postgres::Error) -> Self {
        match error.kind() {
            onsale_postgres::Kind::Full => Self::Full(error.into()),
            onsale_postgres::Kind::Again => Self::Busy(error.into()),
            onsale_postgres::Kind::Gone => Self::Away(error),
            onsale_postgres::Kind::Refused => Self::Postgres(error),
        }
    }
}
