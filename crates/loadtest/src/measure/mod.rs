//! Pieces of load against one server, and what came of them.

mod capacity;
mod probe;
mod sampler;
mod step;

use std::time::Duration;

use anyhow::{Result, ensure};

pub use capacity::{Found, MakeSource, Search};
pub(crate) use probe::bearable;
pub use sampler::Sampler;
pub use step::{Load, latency_of, run, to_step};
pub(crate) use step::{is_busy, lateness, on_time, own_cpu, saturated};

use crate::endpoint::Endpoint;
use crate::load::{self, Pace, Plan, Source};

/// Runs `source` to its end as fast as the server takes it: for setting a state up.
///
/// # Errors
/// When a reply is not the one expected, or it has not ended after ten minutes.
pub fn complete(server: impl Into<Endpoint>, source: &mut dyn Source) -> Result<()> {
    const LIMIT: Duration = Duration::from_secs(600);
    ensure!(within(server, source, LIMIT)?, "setting up took more than {} s", LIMIT.as_secs());
    Ok(())
}

/// The same for as long as `limit`: whether the source came to its end. What it has not sent by then is never sent.
///
/// # Errors
/// When a reply is not the one expected.
pub fn within(server: impl Into<Endpoint>, source: &mut dyn Source, limit: Duration) -> Result<bool> {
    const CONNECTIONS: usize = 64;
    let report = load::run(&Plan::new(server, CONNECTIONS, Pace::Closed, limit), source)?.checked()?;
    Ok(report.elapsed < limit)
}
