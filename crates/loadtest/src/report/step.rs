//! One piece of load at one rate, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One step: a fixed schedule of arrivals, or a crowd.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Step {
    /// In words: "2,000/s", "1,000,000 waiting".
    pub name: String,
    /// Arrivals per second that the schedule asked for; `null` where a crowd decides.
    pub offered_per_second: Option<f64>,
    /// Connections that were open.
    pub connections: u64,
    /// Without the warm-up.
    pub duration_s: f64,
    pub sent: u64,
    /// Replies, whatever they said.
    pub completed: u64,
    /// Replies per second over `duration_s`.
    pub completed_per_second: f64,
    /// Replies that were not among those expected, lost connections, time-outs, and arrivals that were never sent.
    pub failed: u64,
    /// Of all that was answered, lost, or due and never sent.
    pub failed_percent: f64,
    /// Arrivals of these that were due and never sent, as every connection waited for an answer.
    #[serde(default)]
    pub unsent: u64,
    /// The first failure, in words: the call, and what came back.
    pub first_failure: Option<String>,
    /// From the intended start to the whole reply.
    pub latency: Latency,
    /// How late the generator sent, p99, not counting that a connection was still busy.
    pub send_lag_p99_ms: f64,
    /// Whether the generator kept its schedule well enough for the figures to be the server's.
    pub valid: bool,
    /// Why not.
    pub invalid_reason: Option<String>,
    /// Tries before this one that do not count: the generator was late in them though it had time.
    #[serde(default)]
    pub late_tries: u32,
    /// What the hypervisor took from this machine meanwhile, in cores; `null` where the kernel does not tell.
    #[serde(default)]
    pub stolen_cores: Option<f64>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// CPU of the generator, in cores.
    pub generator_cores: f64,
    /// CPU of the server, in cores, and its other resources over time.
    pub server_cores: Option<f64>,
    pub seconds: Seconds,
    pub resources: Resources,
}

impl Step {
    /// Percent of the requests that failed, for all that is known of the server: what a late generator did not send is not
    /// the server's doing.
    pub(crate) fn failed_by_server(&self) -> Option<f64> {
        let unsent = if self.valid { self.unsent } else { 0 };
        let failed = self.failed - self.unsent + unsent;
        let asked = self.sent.max(self.completed) + unsent;
        (asked > 0).then(|| 100.0 * failed as f64 / asked.max(failed) as f64)
    }

    /// Those that the generator was on time for: what pictures are drawn of.
    pub(crate) fn drawn(steps: &[Self]) -> Vec<Self> {
        steps.iter().filter(|step| step.valid && step.latency.count > 0).cloned().collect()
    }
}

/// A distribution of latencies, in milliseconds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Latency {
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// The percentile curve: `[quantile, milliseconds]`, quantiles from 0 to 1, rising.
    pub curve: Vec<[f64; 2]>,
}

/// What the client saw, second by second. All columns have the same length.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Seconds {
    /// The start of each second, since the start of the step.
    pub at_s: Vec<f64>,
    pub sent: Vec<u64>,
    /// By the second in which the reply came.
    pub completed: Vec<u64>,
    pub failed: Vec<u64>,
    /// Latencies of the replies of that second; 0 where there were none.
    pub p50_ms: Vec<f64>,
    pub p99_ms: Vec<f64>,
    pub max_ms: Vec<f64>,
}

/// What the server used, sample by sample. All columns have the length of `at_s`, or are empty where nothing of the
/// kind can be observed; `reason` says why.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Resources {
    /// Since the start of the step.
    pub at_s: Vec<f64>,
    /// CPU since the sample before, in cores.
    pub cpu_cores: Vec<Option<f64>>,
    /// What the hypervisor gave to others, of all cores of the load test's machine.
    pub stolen_cores: Vec<Option<f64>>,
    /// What other programs had of the cores that a server of our own has for itself, outside of the kernel.
    #[serde(default)]
    pub others_cores: Vec<Option<f64>>,
    pub resident_bytes: Vec<Option<f64>>,
    pub descriptors: Vec<Option<f64>>,
    /// Bytes handed to storage, per second.
    pub written_bytes_per_second: Vec<Option<f64>>,
    /// Syncs of the journal per second.
    pub fsyncs_per_second: Vec<Option<f64>>,
    pub commits_per_second: Vec<Option<f64>>,
    pub commands_per_commit: Vec<Option<f64>>,
    pub rows_per_second: Vec<Option<f64>>,
    /// Lists that were at hand, of all that were asked for, in percent.
    pub cache_hit_percent: Vec<Option<f64>>,
    /// Journal entries that the tables do not hold yet.
    pub projection_lag_entries: Vec<Option<f64>>,
    pub queue_waiting: Vec<Option<f64>>,
    pub queue_active: Vec<Option<f64>>,
    /// Sessions that wait for a lock, where the store is in a database.
    #[serde(default)]
    pub database_lock_waits: Vec<Option<f64>>,
    /// Why columns are empty.
    pub reason: Option<String>,
}
