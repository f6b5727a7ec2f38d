//! The report as a table for the terminal.

use std::io::{self, Write};

use crate::report::{Prepared, Report, Status, ThresholdKind};

/// Writes what a person wants to know first, and where to find the rest.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "\n{}", report.verdict.headline)?;
    for reason in &report.verdict.reasons {
        writeln!(out, "  - {reason}")?;
    }
    let answers = &report.answers;
    for answer in [&answers.arrivals, &answers.sell_out, &answers.breaks_first, &answers.death] {
        writeln!(out, "\n{}\n  {}", answer.question, answer.text)?;
    }
    targets(out, report)?;
    audit(out, report)?;
    for part in &report.left_out {
        writeln!(out, "left out: {} ({})", part.part, part.reason)?;
    }
    let placement = &report.environment.placement;
    let shared = if placement.is_shared { ", which they share: latencies are not the server's alone" } else { "" };
    if let Some(profile) = &report.environment.server.profile {
        writeln!(out, "\nprofile of the service: {profile}")?;
    }
    if let Some(Prepared { users, by, duration_s }) = &report.prepared {
        writeln!(out, "{users} users made ready by {by} in {duration_s:.1} s")?;
    }
    writeln!(
        out,
        "\n{} on {}; server on core {}, generator on core {}{shared}; seed {}; {:.0} s",
        report.name,
        report.environment.machine.cpu_model.as_deref().unwrap_or("an unknown processor"),
        placement.server_cores.as_deref().unwrap_or("unknown"),
        placement.generator_cores,
        report.seed,
        report.duration_s
    )
}

fn targets(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    if report.targets.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{:<34} {:>12} {:>9}  conclusion", "target", "capacity/s", "p99 ms")?;
    for target in &report.targets {
        let capacity = target.capacity.as_ref().filter(|capacity| capacity.unproven.is_none());
        let figure =
            |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |value| format!("{value:.digits$}"));
        writeln!(
            out,
            "{:<34} {:>12} {:>9}  {}",
            target.endpoint,
            figure(capacity.map(|capacity| capacity.per_second), 0),
            figure(capacity.map(|capacity| capacity.p99_ms), 1),
            target.conclusion
        )?;
    }
    Ok(())
}

fn audit(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "\n{:<52} {:<18} {:>10} {:>8}", "audit", "part", "cases", "wrong")?;
    for check in &report.audit {
        let word = if check.passed { "ok" } else { "FAIL" };
        writeln!(out, "{:<52} {:<18} {:>10} {:>8}  {word}", check.title, check.part, check.cases, check.wrong)?;
    }
    writeln!(out, "\n{:<52} {:>10} {:>10}", "threshold", "actual", "limit")?;
    for threshold in &report.thresholds {
        let word = match threshold.status {
            Status::Pass => "ok",
            Status::Fail if threshold.decides => "MISSED",
            Status::Fail if threshold.kind == ThresholdKind::AtLeast => "under the minimum, and does not decide",
            Status::Fail => "over, and does not decide",
            Status::Invalid => "not shown",
        };
        let actual = threshold.actual.map_or("-".to_owned(), |actual| format!("{actual:.2}"));
        let sign = match threshold.kind {
            ThresholdKind::AtMost => "≤",
            ThresholdKind::AtLeast => "≥",
        };
        let limit = format!("{sign} {}", threshold.limit);
        writeln!(out, "{:<52} {actual:>10} {limit:>10}  {word}", threshold.title)?;
    }
    Ok(())
}
