//! Where the figures of a service under test are to be had: its own metrics, or a command that prints them.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::plan::Span;

/// Figures of the service, sampled while it is under load.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// The URL of its metrics, in the text form of Prometheus.
    #[serde(default)]
    pub metrics: Option<String>,
    /// A command that prints them in the same form, a line for each: its name, a space, its value. For `sh -c`, and only
    /// with `--allow-commands`.
    #[serde(default)]
    pub command: Option<String>,
    /// How often they are asked for, at most.
    #[serde(default = "second")]
    #[schemars(with = "String")]
    pub every: Span,
    /// What their samples are called: `ours = "theirs"`. With labels it is the one sample, without them the sum of all of
    /// that name.
    pub figures: BTreeMap<Watched, String>,
}

fn second() -> Span {
    Span(Duration::from_secs(1))
}

/// What can be watched. Counters only grow; the others are what is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// Counter: CPU time of the service, in seconds.
    CpuSeconds,
    /// Memory that it has, in bytes.
    ResidentBytes,
    /// Files and sockets that it has open.
    OpenFiles,
    /// Counter: transactions of its database that were committed.
    Transactions,
    /// Counter: transactions that were rolled back.
    Rollbacks,
    /// Counter: deadlocks that the database found.
    Deadlocks,
    /// Sessions of the database that wait for a lock.
    LockWaits,
    /// Counter: bytes of the database's log.
    LogBytes,
    /// Who waits in the queue, and who is inside.
    Waiting,
    Inside,
}

impl Watched {
    /// Its key in a profile, and what our own service calls it at `/metrics`.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::CpuSeconds => ("cpu_seconds", "onsale_process_cpu_seconds_total"),
            Self::ResidentBytes => ("resident_bytes", "onsale_process_resident_memory_bytes"),
            Self::OpenFiles => ("open_files", "onsale_process_open_fds"),
            Self::Transactions => ("transactions", "onsale_database_commits_total"),
            Self::Rollbacks => ("rollbacks", "onsale_database_rollbacks_total"),
            Self::Deadlocks => ("deadlocks", "onsale_database_deadlocks_total"),
            Self::LockWaits => ("lock_waits", "onsale_database_lock_waits"),
            Self::LogBytes => ("log_bytes", "onsale_database_wal_bytes_total"),
            Self::Waiting => ("waiting", "onsale_queue_waiting"),
            Self::Inside => ("inside", "onsale_queue_active"),
        }
    }

    pub(crate) fn key(self) -> &'static str {
        self.names().0
    }

    pub(crate) fn own_name(self) -> &'static str {
        self.names().1
    }
}

impl Watch {
    /// The first thing that cannot be, with its field.
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.metrics, &self.command) {
            (None, None) => return Err("watch: needs metrics, a URL, or command".to_owned()),
            (Some(_), Some(_)) => return Err("watch.command: is there beside watch.metrics; one of them".to_owned()),
            (Some(url), None) if !url.starts_with("http://") && !url.starts_with("https://") => {
                return Err(format!("watch.metrics: `{url}` is no URL"));
            }
            (None, Some(command)) if command.trim().is_empty() => return Err("watch.command: is empty".to_owned()),
            (Some(_), None) | (None, Some(_)) => {}
        }
        if self.figures.is_empty() {
            return Err("watch.figures: names nothing to watch".to_owned());
        }
        if self.every.is_zero() {
            return Err("watch.every: must be longer than nothing".to_owned());
        }
        Ok(())
    }
}
