use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::Error;

const FILE: &str = "lock";

/// Owns the data directory while it lives. The system frees it when the process ends, however it ends.
///
/// Two locks: the directory itself, which nobody can delete from under a server without its data, and a file in it, which
/// older versions look at and which says who the owner is. The database's own file would not do: to close any descriptor of it
/// drops the locks that SQLite has on it.
pub(super) struct Lock {
    _held: [File; 2],
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE);
        let locked = || Error::Locked { dir: dir.to_owned(), owner_pid: File::open(&path).ok().and_then(owner_pid) };
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
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { _held: [directory, file] })
    }
}

fn owner_pid(mut file: File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
