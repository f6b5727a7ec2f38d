//! The process, as the operating system sees it. What the system does not tell is left out.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::registry::Unit;
use rustix::param::page_size;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::metrics::{Kind, Metrics, Sample};

pub(super) fn register(metrics: &Metrics) {
    let cpu = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    metrics.counter("process_cpu", "Processor time, user and system", Some(Unit::Seconds), cpu);
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let help = "When the process began to serve, in Unix time";
    metrics.gauge("process_start_time", help, Some(Unit::Seconds), move || started);
    let help = "Memory that is resident";
    metrics.sample(Kind::Gauge, "process_resident_memory", help, Some(Unit::Bytes), || bare(resident_bytes()));
    metrics.sample(Kind::Gauge, "process_open_fds", "Open file descriptors", None, || bare(open_fds()));
    let most = || bare(getrlimit(Resource::Nofile).current.map(|most| most as f64));
    metrics.sample(Kind::Gauge, "process_max_fds", "The most of them that the system allows", None, most);
}

fn bare(value: Option<f64>) -> Vec<Sample> {
    value.map(Sample::bare).into_iter().collect()
}

/// Linux's `/proc`: the second figure of `statm` is the resident pages.
fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * page_size() as f64)
}

/// Since Linux 6.2 the directory's size tells; to list tens of thousands of them would hold up those who are served.
fn open_fds() -> Option<f64> {
    match std::fs::metadata("/proc/self/fd").ok()?.len() {
        // One of them is that of the listing itself.
        0 => Some(std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64),
        count => Some(count as f64),
    }
}
