//! Logs: to stderr, so that stdout stays what a command answers.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging for the life of the process.
pub(crate) fn init(log: &Log) {
    // The configuration has refused what is no filter.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_default();
    // Where stderr is closed there is nobody to tell that it is: a log that cannot be written must not stop anything.
    let builder = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(io::stderr);
    match log.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
