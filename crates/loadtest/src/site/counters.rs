//! What the server says of itself at `/metrics`, and what the kernel says of it.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::http;
use crate::process::Server;

/// The samples of one scrape, by name and labels as they stand in the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(HashMap<String, f64>);

impl Metrics {
    /// Scrapes the server; `None` when it exposes nothing.
    #[must_use]
    pub fn fetch(server: SocketAddr) -> Option<Self> {
        let request = b"GET /metrics HTTP/1.1\r\nHost: onsale.example\r\n\r\n";
        let reply = http::call(server, request).ok()?.success().ok()?;
        Some(Self::parse(std::str::from_utf8(&reply.body).ok()?))
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(samples.collect())
    }

    /// The sample with this name and these labels.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// The sum of all samples of this name whose labels contain `label`; `None` when there are none.
    #[must_use]
    pub fn sum(&self, name: &str, label: &str) -> Option<f64> {
        let of_name = self.0.iter().filter(|(key, _)| {
            key.strip_prefix(name)
                .is_some_and(|rest| (rest.is_empty() || rest.starts_with('{')) && rest.contains(label))
        });
        of_name.map(|(_, value)| *value).fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }

    /// The value of a label of the first sample of this name.
    #[must_use]
    pub fn label(&self, name: &str, label: &str) -> Option<&str> {
        let key = self.0.keys().find(|key| key.starts_with(name))?;
        let (_, rest) = key.split_once(&format!("{label}=\""))?;
        rest.split('"').next()
    }

    /// Requests that were answered with a server error.
    #[must_use]
    pub fn server_errors(&self) -> Option<f64> {
        let all = self.sum("onsale_http_requests_total", "")?;
        (all > 0.0).then(|| self.sum("onsale_http_requests_total", "status=\"5").unwrap_or(0.0))
    }
}

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
    /// Where the store is in a database of its own: deadlocks that it found, and sessions that wait for a lock.
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

fn descriptors(pid: u32) -> Option<f64> {
    std::fs::read_dir(format!("/proc/{pid}/fd")).ok().map(|entries| entries.count() as f64)
}

fn written_bytes(pid: u32) -> Option<f64> {
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).ok()?;
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found_by_name_and_label() {
        let text = "# TYPE a counter\na_total{x=\"1\",y=\"2\"} 3\na_total{x=\"2\",y=\"2\"} 4\nab_total 100\nb 1.5\n\
                    onsale_build_info{version=\"0.1.0\"} 1\n";
        let metrics = Metrics::parse(text);
        assert_eq!(metrics.get("b"), Some(1.5));
        assert_eq!(metrics.sum("a_total", ""), Some(7.0));
        assert_eq!(metrics.sum("a_total", "x=\"2\""), Some(4.0));
        assert_eq!(metrics.sum("c", ""), None);
        assert_eq!(metrics.label("onsale_build_info", "version"), Some("0.1.0"));
    }
}
