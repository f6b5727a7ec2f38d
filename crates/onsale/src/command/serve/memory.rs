//! How the process gets its memory.

/// No transparent huge pages. When an on-sale opens, thousands connect within a second, and their buffers are fresh
/// memory: by the page of 2 MiB it has to be cleared all at once, while everybody waits. Taken as it is touched, it is
/// less, too. Where the system does not let us, it is only slower.
pub(super) fn take_as_touched() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "transparent huge pages stay as the system has them");
    }
}
