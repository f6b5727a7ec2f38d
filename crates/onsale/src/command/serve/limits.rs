//! What the system allows a process: file descriptors, of which every connection takes one, and most systems start it with
//! 1,024; and the size of its files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the store, the listeners and the runtimes need.
const OWN: u64 = 128;

/// With fewer connections nobody is served: those that are open keep everybody else out.
const LEAST: usize = 16;

/// Raises the limit as far as the system lets us, and gives the most connections that it allows, `wanted` at most.
///
/// # Errors
/// Where it allows next to none.
pub(super) fn connections(wanted: usize) -> anyhow::Result<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    // No limit at all is written as none.
    let possible = limit.map_or(usize::MAX, |limit| usize::try_from(limit.saturating_sub(OWN)).unwrap_or(usize::MAX));
    if possible < wanted.min(LEAST) {
        let most = limit.unwrap_or_default();
        anyhow::bail!(
            "the system allows {most} file descriptors; at least {OWN} and one for each connection are needed: `ulimit -n`"
        );
    }
    if possible < wanted {
        tracing::warn!(
            connections_max = possible,
            wanted,
            "the system allows fewer file descriptors than http.connections_max; raise it with `ulimit -n`"
        );
    }
    Ok(wanted.min(possible))
}

/// Says where files may not grow as they like: a journal that has come to that size ends the server.
pub(super) fn warn_of_file_size() {
    if let Some(bytes) = getrlimit(Resource::Fsize).current {
        tracing::warn!(
            bytes,
            "the system limits the size of files: the server stops when one of its own is as large; raise it with `ulimit -f`"
        );
    }
}
