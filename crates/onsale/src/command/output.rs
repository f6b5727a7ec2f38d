//! Writing to stdout, where a reader that has enough is no failure.

use std::io::{self, ErrorKind, Write as _};

/// # Errors
/// Where stdout cannot be written, unless its reader is gone.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
