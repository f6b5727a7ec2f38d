//! What has been used or done: by the server's own account, and by the kernel's.

use crate::process::Server;

use super::Metrics;

/// What has been used or done so far; differences of two of these are what a piece of work cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    pub cpu_s: Option<f64>,
    pub resident_bytes: Option<f64>,
    pub descriptors: Option<f64>,
    /// Bytes that the process handed to storage.
    pub written_bytes: Option<f64>,
    pub syncs: Option<f64>,
    pub commits: Option<f64>,
    pub commands: Option<f64>,
    pub append_s: Option<f64>,
    pub journal_bytes: Option<f64>,
    pub rows: Option<f64>,
    pub list_hits: Option<f64>,
    pub list_misses: Option<f64>,
    pub not_modified: Option<f64>,
    pub busy: Option<f64>,
    /// Where the store is in a database: its transactions, whatever became of them, the bytes of its write-ahead log,
    /// deadlocks that it found, and sessions that wait for a lock.
    pub transactions: Option<f64>,
    pub rollbacks: Option<f64>,
    pub wal_bytes: Option<f64>,
    pub deadlocks: Option<f64>,
    pub lock_waits: Option<f64>,
    pub lag_entries: Option<f64>,
    pub waiting: Option<f64>,
    pub active: Option<f64>,
}

impl Counters {
    pub(crate) fn read(server: Option<&Server>, metrics: Option<&Metrics>) -> Self {
        let mut counters = Self::of_process(server.map(Server::pid), metrics);
        if let Some(cpu) = server.and_then(|server| server.cpu().ok()) {
            counters.cpu_s = Some(cpu.as_secs_f64());
        }
        counters
    }

    /// What `/proc` says of a process of ours, and what the server says itself.
    pub(crate) fn of_process(pid: Option<u32>, metrics: Option<&Metrics>) -> Self {
        let get = |name: &str| metrics.and_then(|metrics| metrics.get(name));
        let sum = |name: &str, label: &str| metrics.and_then(|metrics| metrics.sum(name, label));
        Self {
            cpu_s: get("onsale_process_cpu_seconds_total"),
            resident_bytes: pid.and_then(resident_bytes).or_else(|| get("onsale_process_resident_memory_bytes")),
            descriptors: pid.and_then(descriptors).or_else(|| get("onsale_process_open_fds")),
            written_bytes: pid.and_then(written_bytes),
            syncs: get("onsale_journal_syncs_total"),
            commits: get("onsale_journal_append_duration_seconds_count"),
            commands: get("onsale_journal_batch_commands_sum"),
            append_s: get("onsale_journal_append_duration_seconds_sum"),
            journal_bytes: get("onsale_journal_written_bytes_total"),
            rows: get("onsale_projected_rows_total"),
            list_hits: sum("onsale_list_lookups_total", "result=\"hit\""),
            list_misses: sum("onsale_list_lookups_total", "result=\"miss\""),
            not_modified: get("onsale_lists_not_modified_total"),
            busy: get("onsale_storage_busy_total"),
            // A profile may watch those that were committed alone.
            transactions: get("onsale_database_commits_total")
                .map(|commits| commits + get("onsale_database_rollbacks_total").unwrap_or(0.0)),
            rollbacks: get("onsale_database_rollbacks_total"),
            wal_bytes: get("onsale_database_wal_bytes_total"),
            deadlocks: get("onsale_database_deadlocks_total"),
            lock_waits: get("onsale_database_lock_waits"),
            lag_entries: get("onsale_projection_lag_entries"),
            waiting: sum("onsale_queue_waiting", ""),
            active: sum("onsale_queue_active", ""),
        }
    }
}

/// What grew from `before` to `after`.
#[must_use]
pub fn grown(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    Some(after? - before?)
}

fn resident_bytes(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

/// Since Linux 6.2 the directory's size tells; to list thousands of them twice a second takes the generator's core for
/// milliseconds.
fn descriptors(pid: u32) -> Option<f64> {
    let directory = format!("/proc/{pid}/fd");
    match std::fs::metadata(&directory).ok()?.len() {
        0 => std::fs::read_dir(&directory).ok().map(|entries| entries.count() as f64),
        count => Some(count as f64),
    }
}

fn written_bytes(pid: u32) -> Option<f64> {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}
