//! Ctrl-C: the run stops at the next check, so that servers and scratch directories are cleaned up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit status of a second Ctrl-C.
const EXIT_INTERRUPTED: i32 = 130;

fn asked() -> &'static Arc<AtomicBool> {
    static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    ASKED.get_or_init(Arc::default)
}

/// Takes SIGINT and SIGTERM over: the first is noticed by `check`, the second ends the process at once (its
/// servers die with it).
///
/// # Errors
/// When the handlers cannot be set.
pub fn install() -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, EXIT_INTERRUPTED, Arc::clone(asked()))?;
        flag::register(signal, Arc::clone(asked()))?;
    }
    Ok(())
}

/// Whether the run was asked to stop.
#[must_use]
pub fn is_asked() -> bool {
    asked().load(Ordering::Relaxed)
}

/// # Errors
/// When the run was asked to stop.
pub fn check() -> Result<()> {
    if is_asked() {
        bail!("stopped by a signal");
    }
    Ok(())
}
