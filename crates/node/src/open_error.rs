//! Why a store cannot be opened.

use onsale_domain::engine::LoadError;
use onsale_journal::Error as JournalError;
use onsale_tables::Error as TablesError;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Tables(#[from] TablesError),
    #[error(
        "the tables do not hold a state that can be taken up: {0}. Keep a copy of the data directory; the tables \
             (onsale.db) can be rebuilt by moving them away, as long as the journal is whole"
    )]
    State(#[from] LoadError),
    #[error("the journal was truncated at entry {checkpoint}, and the tables that hold what came before are missing")]
    TablesMissing { checkpoint: u64 },
    #[error(
        "the database has the tables of a store and no journal: it is being copied by migrate-store, or was until that was \
             broken off. Wait for it or run it again, or name a database that is empty"
    )]
    JournalMissing,
    #[error("entry {seq} of the journal cannot be read: {reason}. It was written by a newer program")]
    Undecodable { seq: u64, reason: String },
    #[error("the journal ends before entry {seq}, which was applied")]
    JournalShort { seq: u64 },
    #[error("{0}. Set the clock right; where it is, start once with --set store.trust_clock=true")]
    Clock(String),
    #[error("a setting was refused: {0} is out of its range")]
    Setting(&'static str),
    #[error(
        "{setting} is not among what the store's level {level} brings: leave it out, or let the level rise (docs/upgrade.md)"
    )]
    SettingBeyond { setting: &'static str, level: u32 },
    #[error(
        "store.currency is {given:?}, but this store's amounts are in {store} since its first start. Leave the key out, or \
             begin a new store: amounts are never converted"
    )]
    Currency { given: String, store: String },
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}
