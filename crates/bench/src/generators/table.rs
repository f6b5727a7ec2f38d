//! What the turns come to.

use std::io::Write;

use anyhow::Result;

use super::{Arguments, PATH, Turn, Turns};
use crate::measure::Spread;
use crate::report::{Machine, Verdict};

/// How far the median of ours may be from that of k6: this part of it, or this many milliseconds.
const P50_PART: f64 = 0.20;
const P50_MS: f64 = 0.3;
/// k6 is a judge of latency only where it is not busy itself, in cores.
const K6_CORES_MAX: f64 = 0.5;
/// The most CPU time per request that ours may take, as a multiple of wrk's.
const WRK_FACTOR_MAX: f64 = 2.0;

/// Writes the tables and what must hold.
///
/// # Errors
/// When `out` does not take it.
pub(super) fn write(out: &mut dyn Write, machine: &Machine, arguments: &Arguments, turns: &Turns) -> Result<Verdict> {
    writeln!(out, "{}\n", machine.text())?;
    writeln!(
        out,
        "GET {PATH}, {} rounds of {} s in turns; medians (least to greatest)\n",
        arguments.rounds, arguments.seconds
    )?;
    writeln!(out, "| generator | load | requests/s | p50, ms | p99, ms | cores | CPU per request, µs |")?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: |")?;
    let rate = format!("{}/s, open loop", arguments.rate);
    let full = format!("{} connections, closed loop", arguments.connections);
    for (name, load, turns) in [
        ("onsale", &rate, &turns.paced),
        ("k6", &rate, &turns.k6),
        ("onsale", &full, &turns.full),
        ("wrk", &full, &turns.wrk),
    ] {
        row(out, name, load, turns)?;
    }
    writeln!(out)?;
    let checks = checks(turns);
    for check in &checks {
        writeln!(out, "{} {}", if check.holds { "pass:" } else { "MISS:" }, check.text)?;
    }
    Ok(if checks.iter().all(|check| check.holds) { Verdict::Pass } else { Verdict::Miss })
}

fn row(out: &mut dyn Write, name: &str, load: &str, turns: &[Turn]) -> Result<()> {
    let cell = |read: fn(&Turn) -> f64, decimals: usize| {
        let Spread { median, min, max } = Spread::of(turns.iter().map(read));
        format!("{median:.decimals$} ({min:.decimals$} to {max:.decimals$})")
    };
    writeln!(
        out,
        "| {name} | {load} | {} | {} | {} | {} | {} |",
        cell(Turn::per_second, 0),
        cell(|turn| turn.p50_ms, 3),
        cell(|turn| turn.p99_ms, 3),
        cell(Turn::cores, 2),
        cell(Turn::cpu_us_per_request, 1),
    )?;
    Ok(())
}

struct Check {
    holds: bool,
    text: String,
}

fn checks(turns: &Turns) -> [Check; 4] {
    let median = |turns: &[Turn], read: fn(&Turn) -> f64| Spread::of(turns.iter().map(read)).median;
    let (ours, k6) = (median(&turns.paced, |turn| turn.p50_ms), median(&turns.k6, |turn| turn.p50_ms));
    let cores = Spread::of(turns.k6.iter().map(Turn::cores)).max;
    let dropped: u64 = turns.k6.iter().map(|turn| turn.dropped).sum();
    let factor = median(&turns.full, Turn::cpu_us_per_request) / median(&turns.wrk, Turn::cpu_us_per_request);
    let rate = median(&turns.full, Turn::per_second) / median(&turns.wrk, Turn::per_second);
    [
        Check {
            holds: cores < K6_CORES_MAX && dropped == 0,
            text: format!(
                "k6 used at most {cores:.2} cores (under {K6_CORES_MAX}) and dropped {dropped} iterations (0)"
            ),
        },
        Check {
            holds: (ours - k6).abs() <= f64::max(P50_PART * k6, P50_MS),
            text: format!("p50 {ours:.3} ms beside {k6:.3} ms of k6 (within 20 % or {P50_MS} ms)"),
        },
        Check {
            holds: factor <= WRK_FACTOR_MAX,
            text: format!("{factor:.2} times the CPU per request of wrk (at most {WRK_FACTOR_MAX})"),
        },
        Check {
            holds: (1.0 - rate).abs() <= P50_PART,
            text: format!("{rate:.2} times the requests per second of wrk over as many connections (within 20 %)"),
        },
    ]
}
