//! How the sell-out went, for people.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::time::{ClockId, clock_gettime};

use super::Arguments;
use super::crowd::Crowd;
use super::history::Call;
use crate::load::Report;
use crate::report::Machine;

/// What the run took from the machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Until the tables had everything.
    pub(super) server_cpu: Duration,
    pub(super) generator_cpu: Duration,
    pub(super) resident_bytes: u64,
}

/// The CPU time of this process so far.
///
/// # Errors
/// When the kernel does not tell.
pub(super) fn own_cpu() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).context("the CPU clock of the benchmark")?;
    Ok(Duration::from(time))
}

/// # Errors
/// When `out` does not take it.
pub(super) fn write(
    out: &mut dyn Write,
    machine: &Machine,
    arguments: &Arguments,
    report: &Report,
    crowd: &Crowd,
    cost: &Cost,
) -> io::Result<()> {
    let history = &crowd.history;
    writeln!(out, "\n{}\n", machine.text())?;
    match history.sold_out {
        Some(time) => writeln!(out, "{} seats sold out in {:.2} s", arguments.seats, time.as_secs_f64())?,
        None => writeln!(
            out,
            "NOT sold out: {} of {} seats in {} s",
            history.sold, arguments.seats, arguments.deadline_seconds
        )?,
    }
    writeln!(
        out,
        "{} people arrived within {} s over {} connections, at most {} inside; {} % let a hold of {} s lapse, {} % left; \
         polls at {} × pollAfterMillis; seed {}\n",
        arguments.users,
        arguments.arrival_seconds,
        arguments.connections,
        arguments.active_limit,
        arguments.lapse_percent,
        arguments.hold_seconds,
        arguments.leave_percent,
        arguments.poll_factor,
        arguments.seed
    )?;
    writeln!(out, "| call | replies | peak, a second |\n| --- | ---: | ---: |")?;
    for call in Call::ALL {
        writeln!(out, "| {} | {} | {} |", call.text(), history.total(call), history.peak(call))?;
    }
    writeln!(out, "| all | {} | {} |\n", report.completed, history.peak_of_all())?;
    let milliseconds = |quantile| report.latency_at(quantile).as_secs_f64() * 1e3;
    writeln!(
        out,
        "replies: p50 {:.1} ms, p99 {:.1} ms; {} lost races, {} × 503",
        milliseconds(0.5),
        milliseconds(0.99),
        history.refused,
        history.overloaded
    )?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    writeln!(
        out,
        "CPU: server {:.2} s, generator {:.2} s; bodies received {:.0} MiB, requests sent {:.0} MiB; server memory {:.0} MiB\n",
        cost.server_cpu.as_secs_f64(),
        cost.generator_cpu.as_secs_f64(),
        mib(report.bytes_in),
        mib(report.bytes_out),
        mib(cost.resident_bytes)
    )
}
