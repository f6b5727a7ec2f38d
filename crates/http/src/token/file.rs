//! The keys in a file that only its owner can read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::document::Document;
use super::store::StoreError;

const PREAMBLE: &str = "\
# The secrets of this store. Whoever reads this file can make tokens and use the admin API.
# `previous` keys sign nothing new; they keep the tokens valid that they signed.

";

/// How the names of files begin that a crash has left half written, keys and all. No backup needs to have them.
const HALF_WRITTEN: &str = ".keys.toml-";

/// Removes what a crash has left beside the file. The caller is the only one who writes it.
pub(super) fn tidy(path: &Path) {
    let entries = path.parent().and_then(|directory| fs::read_dir(directory).ok());
    let is_left = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(HALF_WRITTEN.as_bytes());
    for entry in entries.into_iter().flatten().flatten().filter(is_left) {
        // Where nothing can be removed, it stays as unread as it is.
        if fs::remove_file(entry.path()).is_ok() {
            tracing::info!(file = %entry.path().display(), "removed keys that a crash had left half written");
        }
    }
}

/// What is in the file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Document>, StoreError> {
    let at_path = |source| StoreError::Io { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at_path(error)),
    };
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(at_path)?;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != own && owner != 0 {
        return Err(StoreError::Foreign { path: path.to_owned(), owner, own });
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreError::LoosePermissions { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes).map_err(at_path)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        StoreError::Syntax { path: path.to_owned(), line }
    })?;
    Document::parse(path, &text).map(Some)
}

/// Makes the file, with keys of chance.
pub(super) fn make(path: &Path) -> Result<Document, StoreError> {
    let document = Document::random()?;
    write(path, &document)?;
    Ok(document)
}

/// Writes the file anew.
pub(super) fn write(path: &Path, document: &Document) -> Result<(), StoreError> {
    replace(path, document).map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// All of it or nothing, also when the power goes: a token key that is lost makes every token out there worthless.
fn replace(path: &Path, document: &Document) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let text = toml::to_string(document).map_err(io::Error::other)?;
    // A temporary file is made with mode 0600.
    let mut file = tempfile::Builder::new().prefix(HALF_WRITTEN).tempfile_in(directory)?;
    file.write_all(PREAMBLE.as_bytes())?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_has_left_is_removed_and_the_keys_are_not() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let path = directory.path().join("keys.toml");
        make(&path).expect("keys");
        let half = tempfile::Builder::new().prefix(HALF_WRITTEN).tempfile_in(directory.path()).expect("a file");
        let (_, left) = half.keep().expect("it stays, as after a crash");
        tidy(&path);
        assert!(!left.exists() && read(&path).expect("they can be read").is_some());
    }
}
