//! k6 and wrk, run and understood.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::UsageWho;
use serde_json::Value;

use super::{Arguments, K6_FIRST_USER, PATH, Turn, USERS, cpu};
use crate::process::Service;
use crate::sources::Tokens;

/// k6 with the script of this endpoint, at the constant rate.
pub(super) fn k6(service: &Service, arguments: &Arguments) -> Result<Turn> {
    let scratch = tempfile::TempDir::new().context("a scratch directory")?;
    let summary = scratch.path().join("summary.json");
    let mut command = Command::new(&arguments.k6);
    command.args(["run", "--quiet", "--no-usage-report", "--summary-export"]).arg(&summary);
    for (name, value) in [
        ("TARGET", format!("http://{}", service.server().address())),
        ("RATE", arguments.rate.to_string()),
        ("DURATION", format!("{}s", arguments.seconds)),
        ("USERS", USERS.to_string()),
        ("FIRST", K6_FIRST_USER.to_string()),
    ] {
        command.arg("-e").arg(format!("{name}={value}"));
    }
    command.arg(arguments.scripts.join("schedule.js"));
    let (output, used) = output(&mut command)?;
    let text = std::fs::read_to_string(&summary).with_context(|| format!("k6 wrote no summary:\n{output}"))?;
    let summary: Value = serde_json::from_str(&text).context("the summary of k6")?;
    let metrics = &summary["metrics"];
    let millis =
        |name: &str| metrics["http_req_duration"][name].as_f64().with_context(|| format!("k6 tells no {name}"));
    Ok(Turn {
        completed: metrics["iterations"]["count"].as_u64().context("k6 tells no iterations")?,
        dropped: metrics["dropped_iterations"]["count"].as_u64().unwrap_or(0),
        // Its start, which compiles the script, is not what is compared.
        wall: Duration::from_secs(arguments.seconds.into()),
        cpu: used,
        p50_ms: millis("med")?,
        p99_ms: millis("p(99)")?,
    })
}

/// wrk, as fast as answers come.
pub(super) fn wrk(service: &Service, tokens: &Arc<Tokens>, arguments: &Arguments) -> Result<Turn> {
    let token = String::from_utf8_lossy(tokens.get(0)).into_owned();
    let mut command = Command::new(&arguments.wrk);
    command.args(["--threads", "1", "--latency", "--connections", &arguments.connections.to_string()]);
    command.arg("--duration").arg(format!("{}s", arguments.seconds)).arg("--header");
    command.arg(format!("Authorization: {token}")).arg(format!("http://{}{PATH}", service.server().address()));
    let (text, used) = output(&mut command)?;
    parse_wrk(&text, used).with_context(|| format!("what wrk printed is not understood:\n{text}"))
}

/// What a program printed, and the CPU time that it took.
fn output(command: &mut Command) -> Result<(String, Duration)> {
    let (before, started) = (cpu(UsageWho::RUSAGE_CHILDREN)?, Instant::now());
    let output = command.output().with_context(|| format!("running {}", command.get_program().display()))?;
    let used = cpu(UsageWho::RUSAGE_CHILDREN)?.saturating_sub(before);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let seconds = started.elapsed().as_secs_f64();
    ensure!(output.status.success(), "{command:?} ended with {} after {seconds:.1} s:\n{text}", output.status);
    Ok((text, used))
}

fn parse_wrk(text: &str, cpu: Duration) -> Option<Turn> {
    let after = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    let totals = text.lines().find(|line| line.contains(" requests in "))?;
    let (completed, rest) = totals.trim().split_once(" requests in ")?;
    let wall = rest.split(',').next()?;
    // Anything that is not 2xx or 3xx is told on a line of its own.
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    Some(Turn {
        completed: completed.parse().ok()?,
        dropped: 0,
        wall: Duration::from_secs_f64(millis(wall)? / 1e3),
        cpu,
        p50_ms: millis(after("50%")?)?,
        p99_ms: millis(after("99%")?)?,
    })
}

/// `1.23ms`, `456.00us`, `2.00s`.
fn millis(text: &str) -> Option<f64> {
    let split = text.find(|letter: char| letter.is_alphabetic())?;
    let factor = match &text[split..] {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 6e4,
        _ => return None,
    };
    Some(text[..split].parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
Running 4s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   652.45us  120.02us   4.53ms   94.10%
    Req/Sec    98.12k     3.20k  101.22k    82.50%
  Latency Distribution
     50%  640.00us
     75%  660.00us
     90%  710.00us
     99%    1.21ms
  390501 requests in 4.00s, 1.55GB read
Requests/sec:  97610.84
Transfer/sec:    396.61MB
";

    #[test]
    fn what_wrk_prints_is_understood() {
        let turn = parse_wrk(PRINTED, Duration::from_secs(2)).unwrap();
        assert_eq!((turn.completed, turn.wall), (390_501, Duration::from_secs(4)));
        assert!((turn.p50_ms - 0.64).abs() < 1e-9 && (turn.p99_ms - 1.21).abs() < 1e-9);
        assert!((turn.cpu_us_per_request() - 5.121_626).abs() < 1e-3);
    }

    #[test]
    fn refused_requests_are_no_measurement() {
        let refused = format!("{PRINTED}  Non-2xx or 3xx responses: 12\n");
        assert!(parse_wrk(&refused, Duration::ZERO).is_none());
    }
}
