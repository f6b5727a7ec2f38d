//! The database under both: its settings, its counters, and `pgbench`, which is its own load generator.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// What makes an acknowledged transaction durable, and what it must be set to.
const DURABLE: [(&str, &str); 3] = [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")];
/// What else matters to figures.
const TOLD: [&str; 5] = ["server_version", "shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_compression"];
/// Threads of pgbench.
const THREADS: &str = "2";

/// A server, by its address: `postgres://user@host:port`.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    address: String,
}

impl Server {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.trim_end_matches('/').to_owned() }
    }

    /// How to connect to one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.address)
    }

    /// Makes a database, in the place of one of that name.
    pub(crate) fn make(&self, database: &str) -> Result<()> {
        self.sql("postgres", &format!("drop database if exists {database} with (force)"))?;
        self.sql("postgres", &format!("create database {database}")).map(drop)
    }

    /// What a statement prints, one line a row.
    pub(super) fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", statement]);
        Ok(output(&mut psql)?.trim().to_owned())
    }

    pub(super) fn number(&self, database: &str, statement: &str) -> Result<f64> {
        let text = self.sql(database, statement)?;
        text.parse().with_context(|| format!("{statement}: {text}"))
    }

    /// The settings that the figures depend on.
    ///
    /// # Errors
    /// When a commit that was acknowledged could be lost: no figure would be worth anything.
    pub(crate) fn settings(&self) -> Result<String> {
        let mut told = Vec::new();
        for (name, wanted) in DURABLE {
            let found = self.sql("postgres", &format!("show {name}"))?;
            ensure!(found == wanted, "the server has {name} = {found}, and what it acknowledges would not be durable");
            told.push(format!("{name} {found}"));
        }
        for name in TOLD {
            told.push(format!("{name} {}", self.sql("postgres", &format!("show {name}"))?));
        }
        Ok(told.join(", "))
    }

    /// Makes what pgbench needs, and the seats that are locked row by row.
    pub(super) fn prepare(&self, database: &str) -> Result<()> {
        // As many branches as pgbench's manual asks for, or it measures its own contention.
        let url = self.url(database);
        output(Command::new("pgbench").args(["-i", "-q", "-s", "10", &url]))?;
        output(
            Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &url, "-f"]).arg(script("seats")),
        )?;
        Ok(())
    }

    /// Transactions per second of pgbench with these arguments.
    pub(super) fn pgbench(&self, database: &str, clients: usize, seconds: f64, arguments: &[&str]) -> Result<f64> {
        let mut pgbench = Command::new("pgbench");
        pgbench.args(["-n", "-c", &clients.to_string(), "-j", THREADS, "-T", &format!("{seconds:.0}")]);
        let printed = output(pgbench.args(arguments).arg(self.url(database)))?;
        let rate = printed.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rest| rest.split(' ').next()).with_context(|| format!("no rate in: {printed}"))?;
        rate.parse().with_context(|| format!("the rate {rate}"))
    }

    /// What the server itself has counted in a database. It tells with a delay of up to a second.
    pub(super) fn deadlocks(&self, database: &str) -> Result<f64> {
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        self.number("postgres", &format!("select deadlocks from pg_stat_database where datname = '{database}'"))
    }

    /// How many bytes its log has had.
    pub(super) fn wal_bytes(&self) -> Result<f64> {
        self.number("postgres", "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
    }
}

/// One of this crate's scripts, where it was built.
pub(super) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sql").join(format!("{name}.sql"))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
