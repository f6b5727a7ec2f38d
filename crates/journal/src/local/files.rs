//! The files that a journal is appended to, as others find them.

use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use super::FILE;
use crate::Error;

/// The database and its log, by what they are and not by their names: a file that was deleted, or a directory that a backup
/// was put in place of, takes all that is written to it along when the process ends.
pub(super) struct Files([(PathBuf, Identity); 2]);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: (u32, u32),
    inode: u64,
}

impl Files {
    /// Those in `dir`, which are open.
    pub(super) fn at(dir: &Path) -> Result<Self, Error> {
        let (database, log) = (dir.join(FILE), dir.join(format!("{FILE}-wal")));
        let (of_database, of_log) = (identity(&database), identity(&log));
        let failed = |path: &Path| {
            let what = format!("looking at {}", path.display());
            move |source| Error::io(what, source)
        };
        let of_database = of_database.map_err(failed(&database))?;
        let of_log = of_log.map_err(failed(&log))?;
        Ok(Self([(database, of_database), (log, of_log)]))
    }

    /// After a write: whether it went where it will be found.
    ///
    /// # Errors
    /// [`Error::Lost`].
    pub(super) fn check(&self) -> Result<(), Error> {
        for (path, opened) in &self.0 {
            match identity(path) {
                Ok(found) if found == *opened => {}
                Ok(_) => return Err(lost(path, "is another file than the one that is written to")),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(lost(path, "is gone")),
                // A look that fails says nothing of the file.
                Err(_) => {}
            }
        }
        Ok(())
    }
}

fn lost(path: &Path, what: &str) -> Error {
    Error::Lost { reason: format!("{} {what}: what was appended last may be lost with it", path.display()) }
}

/// Asks for no times: from Linux 6.13 on a file whose times were looked at has them written anew by the next write, to the nanosecond.
/// That made the sync behind it take 0.31 ms where it took 0.23, on ext4, as this comes after every append.
fn identity(path: &Path) -> std::io::Result<Identity> {
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::INO)?;
    Ok(Identity { device: (found.stx_dev_major, found.stx_dev_minor), inode: found.stx_ino })
}
