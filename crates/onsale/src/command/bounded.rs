//! Reading files that somebody named: a device or a pipe has no end.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The file's bytes.
///
/// # Errors
/// Where it cannot be read, or has more than `bytes_max`.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::other(format!("it is larger than {bytes_max} bytes")));
    }
    Ok(bytes)
}
