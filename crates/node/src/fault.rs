//! When a node must not go on.

use std::time::Duration;

/// Ends the process: nothing may be sold on what this node holds. A start builds it anew from what is stored.
pub(crate) fn stop(reason: &str) -> ! {
    tracing::error!(reason, "this node stops serving");
    // Time for the log, and for replies that are on their way.
    std::thread::sleep(Duration::from_millis(200));
    std::process::exit(1);
}
