use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::Error;

const FILE: &str = "lock";
/// What stands behind the owner's number where that is no server.
const COPIES: &str = "copies";

/// Owns the data directory while it lives. The system frees it when the process ends, however it ends.
///
/// Two locks: the directory itself, which nobody can delete from under a server without its data, and a file in it, which
/// older versions look at and which says who the owner is. The database's own file would not do: to close any descriptor of it
/// drops the locks that SQLite has on it.
pub(super) struct Lock {
    held: [File; 2],
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        Self::take_as(dir, &std::process::id().to_string())
    }

    /// For whoever makes a copy in it.
    pub(super) fn take_to_copy(dir: &Path) -> Result<Self, Error> {
        Self::take_as(dir, &format!("{} {COPIES}", std::process::id()))
    }

    /// Whether the directory at this path is still the one that is owned, as it is not where that was moved away meanwhile.
    pub(super) fn is_at(&self, dir: &Path) -> bool {
        let [owned, _] = &self.held;
        let id = |found: std::fs::Metadata| (found.dev(), found.ino());
        let (owned, found) = (owned.metadata().map(id), std::fs::metadata(dir).map(id));
        owned.is_ok_and(|owned| found.is_ok_and(|found| owned == found))
    }

    fn take_as(dir: &Path, owner: &str) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let locked = || {
            let (owner_pid, is_copying) = File::open(&path).map_or((None, false), told);
            Error::Locked { dir: dir.to_owned(), owner_pid, is_copying }
        };
        let directory = File::open(dir).map_err(|source| Error::io(format!("opening {}", dir.display()), source))?;
        match directory.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked()),
            // Some file systems of other machines lock files alone.
            Err(TryLockError::Error(error)) => tracing::warn!(
                %error, dir = %dir.display(),
                "the directory cannot be locked, only the file \"lock\" in it: do not delete that while a server runs"
            ),
        }
        let failed = |source| Error::io(format!("locking {}", path.display()), source);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(locked()),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // Only a courtesy to whoever finds the directory locked: on a full disk the lock must work all the same.
        let _ = file.set_len(0).and_then(|()| write!(file, "{owner}"));
        Ok(Self { held: [directory, file] })
    }
}

/// Who the file says that the owner is, and whether that makes a copy.
fn told(mut file: File) -> (Option<u32>, bool) {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    let mut words = text.split_whitespace();
    (words.next().and_then(|pid| pid.parse().ok()), words.next() == Some(COPIES))
}
