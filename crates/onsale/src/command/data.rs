//! The data directory.

use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::failure::Hint;

/// The directory holds secrets and money: nobody else's business.
pub(crate) fn make_directory(path: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.with_context(|| format!("the data directory {} cannot be made", path.display()))
}

/// What `migrate-store` leaves in a directory whose store is in a database from then on.
const MOVED: &str = "moved";

/// Keeps servers out of a directory whose store is about to be another's.
pub(crate) fn seal(directory: &Path, to: &str) -> anyhow::Result<()> {
    let path = directory.join(MOVED);
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(to.as_bytes())?;
        file.sync_all()?;
        fs::File::open(directory)?.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// Where the store of a directory was moved to, if it was.
///
/// # Errors
/// Where nobody can tell.
fn moved_to(directory: &Path) -> anyhow::Result<Option<String>> {
    let path = directory.join(MOVED);
    match fs::read_to_string(&path) {
        Ok(to) => Ok(Some(to.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::new(error).context(format!("{} cannot be read", path.display()))),
    }
}

/// # Errors
/// Where the store was moved elsewhere than to `target`, or nobody can tell: two that have it sell the same seats twice. Being
/// moved there again finishes what was broken off.
pub(crate) fn check_not_moved_elsewhere(directory: &Path, target: &str) -> anyhow::Result<()> {
    if moved_to(directory)?.is_some_and(|to| to == target) { Ok(()) } else { check_not_moved(directory) }
}

/// # Errors
/// Where the store was moved, or nobody can tell: two that serve it sell the same seats twice.
pub(crate) fn check_not_moved(directory: &Path) -> anyhow::Result<()> {
    let Some(to) = moved_to(directory)? else { return Ok(()) };
    let path = directory.join(MOVED);
    let hint = format!(
        "start it with store.url there, once migrate-store has come to its end; to come back, stop all nodes there and delete {}",
        path.display()
    );
    let what = format!("the store of {} was moved to {}", directory.display(), to);
    Err(anyhow::anyhow!(what).context(Hint(hint)))
}

/// Everybody can write. That a group can is what Kubernetes makes of a volume with `fsGroup`, and meant.
const WRITABLE: u32 = 0o002;
/// Others can read, or a group can write.
const OPEN: u32 = 0o064;

/// Looks at who else can get at a store that was there already: a directory that systemd or a deployment made, or files of
/// a version that left their permissions to the system.
///
/// # Errors
/// Where everybody can write to it: what they put there would be sold.
pub(crate) fn check_private(directory: &Path) -> anyhow::Result<()> {
    let in_it = fs::read_dir(directory).with_context(|| format!("{} cannot be listed", directory.display()))?;
    let files = in_it.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| is_of_the_store(path));
    for path in std::iter::once(directory.to_owned()).chain(files) {
        // A file that is gone by now is nobody's to read.
        let Ok(found) = fs::metadata(&path) else { continue };
        let mode = found.permissions().mode() & 0o777;
        if mode & WRITABLE != 0 {
            bail!("{} can be written by everybody (mode {mode:o}); run: chmod o-w {}", path.display(), path.display());
        }
        if found.is_file() && mode & OPEN != 0 {
            tracing::warn!(
                "{} is open to others (mode {mode:o}); unless that is meant, run: chmod go= {}",
                path.display(),
                path.display()
            );
        }
    }
    Ok(())
}

/// Looks at who else can read the key of the server's certificate. A group may: that is how systems share one.
pub(crate) fn check_key(path: &Path) {
    /// Others can do anything with it, or a group can write it.
    const LOOSE: u32 = 0o027;
    // Where it cannot be read, the server says so by itself.
    let Ok(found) = fs::metadata(path) else { return };
    let mode = found.permissions().mode() & 0o777;
    if mode & LOOSE != 0 {
        let path = path.display();
        tracing::warn!("tls.key {path} is open to others (mode {mode:o}); run: chmod o=,g-w {path}");
    }
}

/// What to say of an error where the directory can be read only.
pub(crate) fn read_only_hint(directory: &Path, error: anyhow::Error) -> anyhow::Error {
    if rustix::fs::access(directory, rustix::fs::Access::WRITE_OK) != Err(rustix::io::Errno::ROFS) {
        return error;
    }
    let directory = directory.display();
    error.context(Hint(format!("{directory} is on a file system that takes no writes: copy it, and name the copy")))
}

/// SQLite's databases, with the logs beside them.
fn is_of_the_store(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains(".db"))
}
