//! Who used how much of the machine during a round.

use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::process::Server;

/// CPU time so far: of the whole machine, of the generator, and of the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    machine: Duration,
    generator: Duration,
    servers: Duration,
}

impl Used {
    /// With `servers`, the generator is this process; without, it is one of its children.
    pub(super) fn now(servers: &[&Server]) -> Result<Self> {
        let who = if servers.is_empty() { UsageWho::RUSAGE_CHILDREN } else { UsageWho::RUSAGE_SELF };
        let usage = getrusage(who)?;
        let us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        let mut used = Duration::ZERO;
        for server in servers {
            used += server.cpu()?;
        }
        Ok(Self { machine: busy()?, generator: Duration::from_micros(us.unsigned_abs()), servers: used })
    }

    /// The shares of cores since then, for people. What is neither ours nor the generator's is the database's, with the
    /// disk's interrupts.
    pub(super) fn since(&self, before: &Self, wall: Duration) -> String {
        let cores = |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() / wall.as_secs_f64();
        let generator = cores(self.generator, before.generator);
        let servers = cores(self.servers, before.servers);
        let rest = cores(self.machine, before.machine) - generator - servers;
        format!("cores: generator {generator:.2}, service {servers:.2}, database {rest:.2}")
    }
}

/// The time that the machine's cores were not idle, so far.
///
/// # Errors
/// When the system does not tell it.
pub(crate) fn busy() -> Result<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().context("an empty /proc/stat")?;
    let ticks: Vec<u32> = line.split_whitespace().skip(1).map_while(|word| word.parse().ok()).collect();
    // user, nice, system; idle and iowait are not work; irq, softirq.
    let work = [0, 1, 2, 5, 6].iter().filter_map(|&at: &usize| ticks.get(at)).sum::<u32>();
    Ok(TICK * work)
}
