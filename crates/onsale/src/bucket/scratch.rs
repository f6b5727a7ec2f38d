use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use tempfile::TempDir;

/// How the names begin.
const NAME: &str = "onsale-copy-";
/// Whoever has made one has locked it long before.
const LOCKED: Duration = Duration::from_secs(60);

/// A directory for what is put into a bucket or was got from there, where TMPDIR says. It has the store's keys: it is its user's alone, and
/// goes when this does. What somebody who was killed has left goes when another is made.
pub(crate) struct Scratch {
    path: PathBuf,
    _owned: File,
    _dir: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        remove_left(&parent);
        let make = || {
            let dir = tempfile::Builder::new().prefix(NAME).tempdir_in(&parent)?;
            let owned = File::open(dir.path())?;
            // Where directories cannot be locked, nobody removes what others have left.
            let _ = owned.try_lock();
            let path = dir.path().join("copy");
            fs::create_dir(&path)?;
            Ok::<_, std::io::Error>(Self { path, _owned: owned, _dir: dir })
        };
        make().with_context(|| format!("no directory can be made in {} (TMPDIR)", parent.display()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// What cannot be removed harms nobody but by its room.
fn remove_left(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_named = entry.file_name().to_str().is_some_and(|name| name.starts_with(NAME));
        let Ok(found) = entry.metadata() else { continue };
        let is_own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
        let age = found.modified().ok().and_then(|made| SystemTime::now().duration_since(made).ok());
        if !is_named || !is_own || age.is_none_or(|age| age < LOCKED) {
            continue;
        }
        if File::open(entry.path()).is_ok_and(|dir| dir.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
