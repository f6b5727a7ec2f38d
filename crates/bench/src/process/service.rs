//! The service under measurement, started as a person would start it, in a scratch directory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::{Server, Subject, launch};
use crate::cores::Cores;
use crate::http;
use crate::interrupt;
use crate::request::Template;

/// Only for scratch directories on this machine, and only for the length of a run.
const ADMIN_KEY: &str = "benchmark-admin-key-of-a-scratch-server";
const SETTLE_MAX: Duration = Duration::from_secs(120);
/// Rare enough that asking costs the server nothing that shows.
const SETTLE_POLL: Duration = Duration::from_millis(20);

/// Where the service's executable lies, and which cores it gets.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    path: PathBuf,
    cores: Cores,
}

impl Program {
    /// The `onsale` that was built beside this executable.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn beside_own(cores: Cores) -> Result<Self> {
        let own = std::env::current_exe().context("finding the benchmark's own executable")?;
        let path = own.with_file_name("onsale");
        ensure!(path.is_file(), "{} is missing; build it first: cargo build --release -p onsale", path.display());
        Ok(Self { path, cores })
    }

    /// The command that checks a data directory.
    pub(crate) fn audit(&self, data: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("audit").arg("--data").arg(data);
        command
    }
}

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    server: Server,
    scratch: TempDir,
}

impl Service {
    /// Starts it on an empty data directory, with these settings.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(program: &Program, settings: &[(&str, &str)]) -> Result<Self> {
        let scratch = TempDir::with_prefix("onsale-bench-").context("a scratch directory")?;
        let mut command = launch::command(&program.path, &program.cores)?;
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data_in(&scratch));
        command.arg("--set").arg(format!("admin.key={ADMIN_KEY}"));
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let server = Server::start(command, &scratch.path().join("onsale.log")).context("the service")?;
        Ok(Self { server, scratch })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Publishes a catalog.
    ///
    /// # Errors
    /// When the service refuses it.
    pub(crate) fn publish(&self, catalog: &Value) -> Result<()> {
        let request = Template::post("/v1/admin/catalog", &catalog.to_string()).with(bearer().as_bytes());
        http::call(self.address(), &request)?.success().context("publishing the catalog")?;
        self.settle()
    }

    /// Ends it cleanly and hands over the scratch directory with its data in it.
    ///
    /// # Errors
    /// When it does not end cleanly.
    pub(crate) fn stop(self) -> Result<StoppedData> {
        self.server.stop()?;
        Ok(StoppedData { scratch: self.scratch })
    }

    fn progress(&self) -> Result<Progress> {
        let request = Template::get("/v1/admin/state", &[]).with(bearer().as_bytes());
        let reply = http::call(self.address(), &request)?.success().context("asking for the state")?;
        parse_progress(&reply.body)
    }
}

impl Subject for Service {
    fn server(&self) -> &Server {
        &self.server
    }

    /// Waits until the tables have all that the journal has.
    fn settle(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            interrupt::check()?;
            let progress = self.progress()?;
            if progress.projected_seq >= progress.seq {
                return Ok(());
            }
            if started.elapsed() > SETTLE_MAX {
                bail!("the tables are at {} of {} after {SETTLE_MAX:?}", progress.projected_seq, progress.seq);
            }
            std::thread::sleep(SETTLE_POLL);
        }
    }
}

/// What a service has left on disk.
#[derive(Debug)]
pub(crate) struct StoppedData {
    scratch: TempDir,
}

impl StoppedData {
    pub(crate) fn path(&self) -> PathBuf {
        data_in(&self.scratch)
    }
}

fn data_in(scratch: &TempDir) -> PathBuf {
    scratch.path().join("data")
}

fn bearer() -> String {
    format!("Bearer {ADMIN_KEY}")
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Progress {
    seq: u64,
    projected_seq: u64,
}

fn parse_progress(body: &[u8]) -> Result<Progress> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Progress,
    }
    Ok(serde_json::from_slice::<Envelope>(body).context("the admin state")?.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_the_envelope() {
        let body = br#"{"resultType":"SUCCESS","data":{"seq":12,"projectedSeq":9,"other":[]},"message":"SUCCESS"}"#;
        assert_eq!(parse_progress(body).unwrap(), Progress { seq: 12, projected_seq: 9 });
        assert!(parse_progress(b"{}").is_err());
    }
}
