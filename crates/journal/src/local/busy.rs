//! How often SQLite found the journal's file in use. One process owns it, so this is 0 unless somebody from outside is
//! in the way.

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::ErrorCode;

static TOTAL: AtomicU64 = AtomicU64::new(0);

/// BUSY and LOCKED since the process began, of all journals in it.
#[must_use]
pub fn busy_total() -> u64 {
    TOTAL.load(Ordering::Relaxed)
}

/// Counts the failure where it is one of those.
pub(super) fn note(error: &rusqlite::Error) {
    if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) {
        TOTAL.fetch_add(1, Ordering::Relaxed);
    }
}
