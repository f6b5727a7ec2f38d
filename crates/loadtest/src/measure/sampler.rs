//! The server's resources over time, read by a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

use crate::others::{Moment, Others};
use crate::report::Resources;
use crate::site::{Counters, Scrape, Site, grown};
use crate::stolen::Stolen;

/// What was read at one moment.
#[derive(Debug)]
struct Sample {
    at_s: f64,
    counters: Counters,
    stolen: Stolen,
    others: Option<Moment>,
}

/// Reads until it is told to stop.
#[derive(Debug)]
pub struct Sampler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Sample>>,
    is_own: bool,
}

impl Sampler {
    /// Starts to sample now; times are since `started`.
    #[must_use]
    pub fn start(site: &Site, every: Duration, started: Instant) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (scrape, pid) = (site.scrape().clone(), site.service().map(|service| service.server().pid()));
        let every = every.max(scrape.every());
        let asked = Arc::clone(&stop);
        // Where the generator runs on the same cores it would be the others.
        let others = pid.filter(|_| site.leaves_us_a_core()).and_then(Others::beside);
        let thread = std::thread::spawn(move || sample(&scrape, pid, others.as_ref(), (every, started), &asked));
        Self { stop, thread, is_own: pid.is_some() }
    }

    /// Stops, and gives what it has read, and the most that it has seen inside.
    #[must_use]
    pub fn finish(self) -> (Resources, Vec<u64>) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        let samples = self.thread.join().unwrap_or_default();
        let inside = samples.iter().filter_map(|sample| sample.counters.active.map(|active| active as u64)).collect();
        (to_resources(&samples, self.is_own), inside)
    }
}

fn sample(
    scrape: &Scrape,
    pid: Option<u32>,
    others: Option<&Others>,
    (every, started): (Duration, Instant),
    stop: &AtomicBool,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut next = Instant::now();
    loop {
        let mut counters = Counters::of_process(pid, scrape.fetch().as_ref());
        if let Some(cpu) = pid.and_then(cpu_of) {
            counters.cpu_s = Some(cpu);
        }
        let now = Instant::now();
        let at_s = match now.checked_duration_since(started) {
            Some(at) => at.as_secs_f64(),
            None => {
                // Still warming up: rates begin at the last sample before the start.
                samples.clear();
                -started.saturating_duration_since(now).as_secs_f64()
            }
        };
        samples.push(Sample { at_s, counters, stolen: Stolen::begin(), others: others.and_then(Others::now) });
        if stop.load(Ordering::Relaxed) {
            return samples;
        }
        next = (next + every).max(Instant::now());
        while Instant::now() < next && !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
        }
    }
}

fn cpu_of(pid: u32) -> Option<f64> {
    let clock: ClockId = clock_getcpuclockid(Pid::from_raw(i32::try_from(pid).ok()?)).ok()?;
    Some(Duration::from(clock.now().ok()?).as_secs_f64())
}

fn to_resources(samples: &[Sample], is_own: bool) -> Resources {
    let seen = samples.iter().any(|sample| sample.counters != Counters::default());
    if !seen {
        let reason = "the server exposes no /metrics, and its process is not ours".to_owned();
        return Resources { reason: Some(reason), ..Resources::default() };
    }
    let column = |read: &dyn Fn(&Counters) -> Option<f64>| -> Vec<Option<f64>> {
        samples.iter().skip(1).map(|sample| read(&sample.counters)).collect()
    };
    let rate = |read: &dyn Fn(&Counters) -> Option<f64>| -> Vec<Option<f64>> {
        let pairs = samples.windows(2);
        pairs
            .map(|pair| {
                let seconds = pair[1].at_s - pair[0].at_s;
                grown(read(&pair[0].counters), read(&pair[1].counters))
                    .filter(|&more| more >= 0.0)
                    .map(|more| more / seconds.max(1e-3))
            })
            .collect()
    };
    let ratio = |part: &dyn Fn(&Counters) -> Option<f64>,
                 whole: &dyn Fn(&Counters) -> Option<f64>|
     -> Vec<Option<f64>> {
        let pairs = samples.windows(2);
        pairs
            .map(|pair| {
                let whole = grown(whole(&pair[0].counters), whole(&pair[1].counters)).filter(|&whole| whole > 0.0)?;
                Some(grown(part(&pair[0].counters), part(&pair[1].counters))? / whole)
            })
            .collect()
    };
    let lookups = |counters: &Counters| Some(counters.list_hits? + counters.list_misses?);
    let hits = ratio(&|counters| counters.list_hits, &lookups);
    let reason =
        (!is_own).then(|| "what only the kernel knows is not observable of a server that is not ours".to_owned());
    Resources {
        at_s: samples.iter().skip(1).map(|sample| sample.at_s).collect(),
        cpu_cores: rate(&|counters| counters.cpu_s),
        stolen_cores: samples.windows(2).map(|pair| pair[0].stolen.cores_until(&pair[1].stolen)).collect(),
        others_cores: samples.windows(2).map(|pair| pair[0].others?.cores_until(&pair[1].others?)).collect(),
        resident_bytes: column(&|counters| counters.resident_bytes),
        descriptors: column(&|counters| counters.descriptors),
        written_bytes_per_second: rate(&|counters| counters.written_bytes),
        fsyncs_per_second: rate(&|counters| counters.syncs),
        commits_per_second: rate(&|counters| counters.commits),
        commands_per_commit: ratio(&|counters| counters.commands, &|counters| counters.commits),
        rows_per_second: rate(&|counters| counters.rows),
        cache_hit_percent: hits.into_iter().map(|hits| hits.map(|hits| hits * 100.0)).collect(),
        projection_lag_entries: column(&|counters| counters.lag_entries),
        queue_waiting: column(&|counters| counters.waiting),
        queue_active: column(&|counters| counters.active),
        database_lock_waits: column(&|counters| counters.lock_waits),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_between_samples_and_a_restart_leaves_a_gap() {
        let at = |at_s: f64, commits: f64| {
            let counters = Counters { commits: Some(commits), ..Counters::default() };
            Sample { at_s, counters, stolen: Stolen::begin(), others: None }
        };
        let resources = to_resources(&[at(0.0, 10.0), at(2.0, 30.0), at(3.0, 5.0)], true);
        assert_eq!(resources.commits_per_second, [Some(10.0), None]);
        assert_eq!((resources.at_s.len(), resources.stolen_cores.len(), resources.reason), (2, 2, None));
    }

    #[test]
    fn a_silent_server_has_a_reason() {
        let resources = to_resources(
            &[Sample { at_s: 0.0, counters: Counters::default(), stolen: Stolen::begin(), others: None }],
            false,
        );
        assert!(resources.reason.is_some() && resources.at_s.is_empty());
    }
}
