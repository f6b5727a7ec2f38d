//! Progress, on stderr, with the time since the start.

use std::io::Write;
use std::sync::OnceLock;
use std::time::Instant;

/// Writes one line of progress.
pub(crate) fn line(message: std::fmt::Arguments<'_>) {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    let elapsed = STARTED.get_or_init(Instant::now).elapsed().as_secs_f64();
    // Progress that nobody can read is no reason to stop.
    writeln!(std::io::stderr(), "[{elapsed:7.1} s] {message}").ok();
}

/// Tells on stderr how far the run is.
#[macro_export]
macro_rules! progress {
    ($($argument:tt)*) => { $crate::progress::line(format_args!($($argument)*)) };
}
