//! When a node must not go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Of the whole process, as its end is.
static CONDEMNED: AtomicBool = AtomicBool::new(false);

/// Whether this process is about to end because what it holds is not to be relied on. It acknowledges nothing any more,
/// and answers nothing from what it holds.
#[must_use]
pub(crate) fn is_condemned() -> bool {
    CONDEMNED.load(Ordering::Relaxed)
}

/// From now on nothing is acknowledged.
pub(crate) fn condemn() {
    CONDEMNED.store(true, Ordering::Relaxed);
}

/// Ends the process: nothing may be sold on what this node holds. A start builds it anew from what is stored.
pub(crate) fn stop(reason: &str) -> ! {
    condemn();
    tracing::error!(reason, "this node stops serving");
    // Time for the log, and for refusals that are on their way.
    std::thread::sleep(Duration::from_millis(200));
    std::process::exit(1);
}
