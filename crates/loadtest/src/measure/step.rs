//! One piece of load.

use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;
use nix::time::{ClockId, clock_gettime};

use super::Sampler;
use crate::load::{self, Losses, Pace, Plan, Report, Source, Watch};
use crate::quiet::Quiet;
use crate::report::{Latency, Seconds, Step};
use crate::site::Site;
use crate::stolen::Stolen;

/// How a piece of load is made.
#[derive(Clone, Debug)]
pub struct Load {
    pub name: String,
    pub connections: usize,
    pub pace: Pace,
    pub warm_up: Duration,
    /// Without the warm-up.
    pub duration: Duration,
    pub reply_max: Duration,
    pub sample_every: Duration,
}

/// Drives `source` against `site`, and gives what came of it, in the form of the report and in the generator's own.
///
/// # Errors
/// When connections cannot be opened at the start, or the run was stopped.
pub fn run(site: &Site, load: &Load, source: &mut dyn Source, watch: &mut dyn Watch) -> Result<(Step, Report)> {
    let plan = Plan {
        server: site.endpoint().clone(),
        connections: load.connections,
        pace: load.pace,
        limit: load.warm_up + load.duration,
        warm_up: load.warm_up,
        losses: Losses::Count { reply_max: load.reply_max },
        is_sleepless: site.leaves_us_a_core(),
    };
    let started = Instant::now();
    let sampler = Sampler::start(site, load.sample_every, started + load.warm_up);
    let (before, stolen) = (own_cpu(), Stolen::begin());
    let result = load::run_watched(&plan, source, watch);
    let (cpu, took) = (own_cpu().saturating_sub(before), started.elapsed());
    let (resources, _) = sampler.finish();
    let report = result?;
    let generator_cores = cpu.saturating_sub(report.burnt).as_secs_f64() / took.as_secs_f64().max(1e-9);
    let mut step = to_step(load, &report);
    step.generator_cores = generator_cores;
    step.stolen_cores = stolen.cores();
    step.invalid_reason = lateness(&report, step.stolen_cores);
    if step.valid
        && let Some(reason) = saturated(generator_cores)
    {
        step.valid = false;
        step.invalid_reason = Some(reason);
    }
    let cpu: Vec<f64> = resources.cpu_cores.iter().flatten().copied().collect();
    step.server_cores = (!cpu.is_empty()).then(|| cpu.iter().sum::<f64>() / cpu.len() as f64);
    step.resources = resources;
    watch.made(&step);
    Ok((step, report))
}

/// Makes a step again where the generator was late though it had time, at most `tries` times in all: somebody else had
/// its core, which says nothing of the server. The last try counts, and tells how many there were before it.
///
/// # Errors
/// Those of `make`, or when the person at the keyboard stops it.
pub(crate) fn on_time<R>(quiet: &Quiet, tries: u32, mut make: impl FnMut() -> Result<(Step, R)>) -> Result<(Step, R)> {
    let mut late = 0;
    loop {
        let (mut step, rest) = make()?;
        step.late_tries = late;
        late += 1;
        if step.valid || is_busy(step.generator_cores) || late >= tries {
            return Ok((step, rest));
        }
        quiet.wait()?;
    }
}

/// Why figures are not the server's where the generator was late.
pub(crate) fn lateness(report: &Report, stolen_cores: Option<f64>) -> Option<String> {
    if report.is_on_time() {
        return None;
    }
    let (lag, most) = (millis(report.lag_p99()), millis(report.lag_max()));
    let mut reason = format!("the generator was late: p99 of its send lag is {lag:.2} ms, allowed are {most:.2} ms");
    if lag <= most {
        let (kept, of) = (report.kept_from.as_secs_f64(), report.planned.as_secs_f64());
        reason = format!("the generator was late: it was kept from its work for {kept:.2} s of {of:.2} s");
    }
    if let Some(cores) = stolen_cores.filter(|&cores| cores >= 0.005) {
        reason.push_str(&format!("; the hypervisor took {cores:.2} cores meanwhile"));
    }
    Some(reason)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Whether a generator is late by itself, and would be again.
pub(crate) fn is_busy(generator_cores: f64) -> bool {
    const BUSY_CORES: f64 = 0.8;
    generator_cores > BUSY_CORES
}

/// A generator whose core is busy reads answers late, which no send lag shows: why its figures are not the server's.
pub(crate) fn saturated(generator_cores: f64) -> Option<String> {
    const CORES_MAX: f64 = 0.9;
    (generator_cores > CORES_MAX)
        .then(|| format!("the generator used {generator_cores:.2} cores, of the one that it has"))
}

/// The CPU time of this process so far.
pub(crate) fn own_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// What the generator reports, in the form of the report.
#[must_use]
pub fn to_step(load: &Load, report: &Report) -> Step {
    let duration_s = report.elapsed.max(report.planned).as_secs_f64();
    let attempts = report.completed + report.lost + report.unsent;
    Step {
        name: load.name.clone(),
        offered_per_second: match load.pace {
            Pace::Open { per_second } => Some(per_second),
            Pace::Closed => None,
        },
        connections: load.connections as u64,
        duration_s,
        sent: report.sent,
        completed: report.completed,
        completed_per_second: report.completed as f64 / duration_s.max(1e-9),
        failed: report.failed(),
        failed_percent: 100.0 * report.failed() as f64 / (attempts as f64).max(1.0),
        unsent: report.unsent,
        first_failure: report.first_failure.clone(),
        latency: latency_of(&report.latency),
        send_lag_p99_ms: millis(report.lag_p99()),
        valid: report.is_on_time(),
        invalid_reason: lateness(report, None),
        late_tries: 0,
        stolen_cores: None,
        bytes_in: report.bytes_in,
        bytes_out: report.bytes_out,
        generator_cores: 0.0,
        server_cores: None,
        seconds: (&report.seconds).into(),
        resources: crate::report::Resources::default(),
    }
}

/// A histogram of nanoseconds, in the form of the report.
#[must_use]
pub fn latency_of(nanos: &Histogram<u64>) -> Latency {
    const QUANTILES: [f64; 18] =
        [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 0.99999];
    if nanos.is_empty() {
        return Latency::default();
    }
    let at = |quantile: f64| nanos.value_at_quantile(quantile) as f64 / 1e6;
    Latency {
        count: nanos.len(),
        mean: nanos.mean() / 1e6,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: nanos.max() as f64 / 1e6,
        curve: QUANTILES.into_iter().chain([1.0]).map(|quantile| [quantile, at(quantile)]).collect(),
    }
}

impl From<&load::Seconds> for Seconds {
    fn from(own: &load::Seconds) -> Self {
        let mut seconds = Self::default();
        for second in &own.over {
            seconds.at_s.push(second.index as f64);
            seconds.sent.push(second.sent);
            seconds.completed.push(second.completed);
            seconds.failed.push(second.failed);
            seconds.p50_ms.push(second.p50_ms);
            seconds.p99_ms.push(second.p99_ms);
            seconds.max_ms.push(second.max_ms);
        }
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(steps: &[(bool, f64)], tries: u32) -> (u32, Step) {
        let mut made = 0;
        let mut steps = steps.iter().cycle();
        let quiet = Quiet::new(Vec::new(), Duration::ZERO);
        let (step, ()) = on_time(&quiet, tries, || {
            made += 1;
            let &(valid, generator_cores) = steps.next().unwrap();
            Ok((Step { valid, generator_cores, ..Step::default() }, ()))
        })
        .unwrap();
        (made, step)
    }

    #[test]
    fn a_late_step_is_made_again_and_says_so() {
        let (made, step) = tried(&[(false, 0.1), (false, 0.1), (true, 0.1)], 5);
        assert_eq!((made, step.late_tries, step.valid), (3, 2, true));
    }

    #[test]
    fn one_that_stays_late_is_invalid() {
        let (made, step) = tried(&[(false, 0.1)], 3);
        assert_eq!((made, step.late_tries, step.valid), (3, 2, false));
    }

    #[test]
    fn a_generator_that_had_no_time_gets_no_second_try() {
        let (made, step) = tried(&[(false, 0.95), (true, 0.1)], 3);
        assert_eq!((made, step.late_tries, step.valid), (1, 0, false));
    }
}
