//! Logs: to stderr, so that stdout stays what a command answers.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging for the life of the process.
pub(crate) fn init(log: &Log) {
    let filter = filter(&log.level);
    // Where stderr is closed there is nobody to tell that it is: a log that cannot be written must not stop anything.
    let builder = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(io::stderr);
    match log.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// What is logged. The HTTP/2 library has a warning for each connection that it cuts, so whoever opens connections would
/// fill the log: they are counted in `onsale_http_connections_ended_total` instead. Who wants them names `h2`.
fn filter(level: &str) -> EnvFilter {
    // The configuration has refused what is no filter.
    EnvFilter::try_new(format!("h2=error,{level}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_cannot_fill_the_log_unless_somebody_asks_for_it() {
        let told = |level: &str| {
            let mut directives: Vec<String> = filter(level).to_string().split(',').map(str::to_owned).collect();
            directives.sort();
            directives
        };
        assert_eq!(told("info"), ["h2=error", "info"]);
        assert_eq!(told("warn,h2=debug"), ["h2=debug", "warn"]);
    }
}
