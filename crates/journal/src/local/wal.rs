//! Keeps the write-ahead log short without making an append wait for it.
//!
//! A commit writes to the log alone. A checkpoint copies the log into the database, and only when it has copied all of it
//! does the next commit begin the log anew. A thread with its own connection copies, which never holds a commit up; but
//! under load it never has all of it. So when it is nearly there, the next append copies the few frames that are left
//! before it writes its own. The log then stays at a few MiB and is overwritten in place, which is why it also is faster:
//! a sync of a file that has grown writes the file system's own records too.
//!
//! The log's index, in shared memory, grows first at 4,062 frames, and fails in its own way where there is no room for
//! that: another reason to begin anew before.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode};

use super::store::Store;
use super::{busy, connection};
use crate::Error;

/// The thread is woken each time the log has grown by so many frames: 12 MiB.
const WAKE_FRAMES: u32 = 3_072;
/// What may be left for an append to copy: 1 MiB.
const LEFT_FRAMES: u32 = 256;
/// How often the thread tries to come so near.
const ROUNDS: u32 = 4;
/// Where an append waits for readers to let go of the log: 256 MiB. Only a connection from outside can hold it so long.
const WAIT_FRAMES: u32 = 65_536;

/// The appender's side.
pub(super) struct Keeper {
    shared: Arc<Shared>,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// The log's length when the thread was last woken.
    woken_at: u32,
    /// The length at which to wait for readers.
    wait_at: u32,
}

struct Shared {
    /// The log's length after the last commit.
    frames: AtomicU32,
    /// The thread is done, and the rest is for the next append.
    nearly: AtomicBool,
    /// Why the thread has given up.
    failed: OnceLock<String>,
}

impl Keeper {
    pub(super) fn start(store: &Store, writer: &mut Connection) -> Result<Self, Error> {
        let failed = |source| Error::io("watching the journal's log", source);
        let shared =
            Arc::new(Shared { frames: AtomicU32::new(0), nearly: AtomicBool::new(false), failed: OnceLock::new() });
        let watched = Arc::clone(&shared);
        let watch = move |_: &mut Wal, pages| {
            watched.frames.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(watch)).map_err(failed)?;
        let conn = connection::writer(&store.dir)?;
        let (wake, woken) = sync_channel(1);
        let seen = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("journal-wal".to_owned())
            .spawn(move || copy_when_woken(&conn, &woken, &seen))
            .map_err(|source| Error::io("starting the thread that copies the journal's log", source))?;
        Ok(Self { shared, wake: Some(wake), thread: Some(thread), woken_at: 0, wait_at: WAIT_FRAMES })
    }

    /// Before an append: does what only the connection that writes can do.
    pub(super) fn tend(&mut self, writer: &Connection) -> Result<(), Error> {
        if let Some(reason) = self.shared.failed.get() {
            return Err(Error::Lost { reason: reason.clone() });
        }
        let frames = self.shared.frames.load(Ordering::Relaxed);
        let mode = if frames >= self.wait_at {
            self.wait_at = frames + WAKE_FRAMES;
            tracing::warn!(frames, "the journal's log is long: another connection keeps it from being reused");
            CheckpointMode::RESTART
        } else if self.shared.nearly.swap(false, Ordering::Acquire) {
            CheckpointMode::PASSIVE
        } else {
            return Ok(());
        };
        copy(writer, mode).map(drop).map_err(|reason| Error::Lost { reason })
    }

    /// After an append: wakes the thread if it is time.
    pub(super) fn grown(&mut self) {
        let frames = self.shared.frames.load(Ordering::Relaxed);
        if frames < self.woken_at {
            self.woken_at = 0;
            self.wait_at = WAIT_FRAMES;
        }
        if frames - self.woken_at >= WAKE_FRAMES {
            self.woken_at = frames;
            // If it has not yet taken the last call, that one is enough.
            let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
        }
    }

    #[cfg(test)]
    pub(super) fn frames(&self) -> u32 {
        self.shared.frames.load(Ordering::Relaxed)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed, and a closing journal can do no more about it.
            let _ = thread.join();
        }
    }
}

/// Before anything is acknowledged: copies the whole log into the database, syncs that, and begins the log anew. After a
/// sync that failed, what is read of the log may be in the system's cache alone, and taken by it for written: only writing it
/// once more makes it durable, and what would be appended behind it depends on it.
///
/// Without room, or with somebody else in the way, the store opens all the same, and the log is copied when it can be.
pub(super) fn write_afresh(conn: &Connection) -> Result<(), Error> {
    copy(conn, CheckpointMode::TRUNCATE).map(drop).map_err(|reason| Error::Lost { reason })
}

fn copy_when_woken(conn: &Connection, woken: &Receiver<()>, shared: &Shared) {
    while woken.recv().is_ok() {
        match copy_nearly_all(conn, shared) {
            Ok(nearly) => shared.nearly.store(nearly, Ordering::Release),
            Err(reason) => {
                // Only this thread sets it, and only once.
                let _ = shared.failed.set(reason);
                return;
            }
        }
    }
}

/// Says whether it came near enough.
fn copy_nearly_all(conn: &Connection, shared: &Shared) -> Result<bool, String> {
    for _ in 0..ROUNDS {
        let copied = copy(conn, CheckpointMode::PASSIVE)?;
        let frames = shared.frames.load(Ordering::Relaxed);
        if frames.saturating_sub(copied) <= LEFT_FRAMES {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Copies what it can, syncs, and gives how many of the log's frames are in the database now; or the reason why storage
/// cannot be trusted any more.
///
/// Where there is no room for it, or somebody else is in the way, the log simply gets longer: that is no failure. Any
/// other is: a sync that failed may have dropped what it was to write.
fn copy(conn: &Connection, mode: CheckpointMode) -> Result<u32, String> {
    match conn.wal_checkpoint_v2(Some(rusqlite::MAIN_DB), mode) {
        Ok((_, copied)) => Ok(u32::try_from(copied).unwrap_or(0)),
        Err(source) => {
            busy::note(&source);
            match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    tracing::debug!(%source, "the journal's log could not be copied now");
                    Ok(0)
                }
                _ => Err(format!("copying the log into the database: {}", connection::described(&source))),
            }
        }
    }
}
