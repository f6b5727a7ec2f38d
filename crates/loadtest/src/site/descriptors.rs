//! Open files: each connection is one.

use anyhow::{Context as _, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises this process's own limit as far as it goes, and says how far that is. Servers that are started afterwards
/// inherit it.
///
/// # Errors
/// When the kernel does not tell.
pub fn raise_limit() -> Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).context("asking for the limit of open files")?;
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() {
        return Ok(hard);
    }
    Ok(soft)
}
