//! The service under measurement, started as a person would start it, in a scratch directory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::{Server, launch};
use crate::cores::Cores;
use crate::http;
use crate::interrupt;
use crate::request::Template;

/// Only for scratch directories on this machine, and only for the length of a run.
const ADMIN_KEY: &str = "benchmark-admin-key-of-a-scratch-server";
/// The setting with the secret that entry tokens are signed with: it is on no command line and in no report.
pub(crate) const SECRET: &str = "entry.secret";
const SETTLE_MAX: Duration = Duration::from_secs(120);
/// Rare enough that asking costs the server nothing that shows.
const SETTLE_POLL: Duration = Duration::from_millis(20);

/// Where the service's executable lies, and which cores it gets.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    cores: Cores,
}

impl Program {
    /// The `onsale` that was built beside this executable.
    ///
    /// # Errors
    /// When it is not there.
    pub fn beside_own(cores: Cores) -> Result<Self> {
        let own = std::env::current_exe().context("finding the own executable")?;
        let path = own.with_file_name("onsale");
        ensure!(path.is_file(), "{} is missing; build it first: cargo build --release -p onsale", path.display());
        Ok(Self { path, cores })
    }

    #[must_use]
    pub fn new(path: PathBuf, cores: Cores) -> Self {
        Self { path, cores }
    }

    #[must_use]
    pub fn cores(&self) -> &Cores {
        &self.cores
    }

    /// A command of the program that is not pinned.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::new(&self.path)
    }

    /// The command that checks a data directory.
    #[must_use]
    pub fn audit(&self, data: &Path) -> Command {
        let mut command = self.command();
        command.arg("audit").arg("--data").arg(data);
        command
    }

    fn serve(&self, listen: SocketAddr, scratch: &TempDir, settings: &[(String, String)]) -> Result<Server> {
        let mut command = launch::command(&self.path, &self.cores)?;
        command.args(["serve", "--listen"]).arg(listen.to_string()).arg("--data").arg(data_in(scratch));
        command.arg("--set").arg(format!("admin.key={ADMIN_KEY}"));
        for (key, value) in settings {
            if key == SECRET {
                command.env("ONSALE_ENTRY__SECRET", value);
                continue;
            }
            command.arg("--set").arg(format!("{key}={value}"));
        }
        Server::start(command, &scratch.path().join("onsale.log")).context("the service")
    }
}

/// A running service.
#[derive(Debug)]
pub struct Service {
    server: Server,
    scratch: TempDir,
    program: Program,
    settings: Vec<(String, String)>,
}

impl Service {
    /// Starts it on an empty data directory, with these settings.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(program: &Program, settings: &[(&str, &str)]) -> Result<Self> {
        let settings: Vec<_> = settings.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        let scratch = TempDir::with_prefix("onsale-load-").context("a scratch directory")?;
        let server = program.serve(SocketAddr::from(([127, 0, 0, 1], 0)), &scratch, &settings)?;
        Ok(Self { server, scratch, program: program.clone(), settings })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What it was started with, `key=value`, its secrets apart.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        let shown = self.settings.iter().filter(|(key, _)| key != SECRET);
        shown.map(|(key, value)| format!("{key}={value}")).collect()
    }

    /// Ends it as `kill -9` does.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn kill(&mut self) -> Result<()> {
        self.server.kill()
    }

    /// Starts it again on the same data and the same address.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.server = self.program.serve(self.address(), &self.scratch, &self.settings)?;
        Ok(())
    }

    /// A call of the admin API, which must succeed.
    ///
    /// # Errors
    /// When it is refused.
    pub fn admin(&self, method: &str, path: &str, body: &str) -> Result<()> {
        let request = Template::other(method, path, body).with(bearer().as_bytes());
        http::call(self.address(), &request)?.success().with_context(|| format!("{method} {path}"))?;
        Ok(())
    }

    /// Publishes a catalog.
    ///
    /// # Errors
    /// When the service refuses it.
    pub fn publish(&self, catalog: &Value) -> Result<()> {
        let request = Template::post("/v1/admin/catalog", &catalog.to_string()).with(bearer().as_bytes());
        http::call(self.address(), &request)?.success().context("publishing the catalog")?;
        self.settle()
    }

    /// Ends it cleanly and hands over the scratch directory with its data in it.
    ///
    /// # Errors
    /// When it does not end cleanly.
    pub fn stop(self) -> Result<StoppedData> {
        self.server.stop()?;
        Ok(StoppedData { scratch: self.scratch })
    }

    /// Waits until the tables have all that the journal has.
    ///
    /// # Errors
    /// When they have not after two minutes.
    pub fn settle(&self) -> Result<()> {
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

    fn progress(&self) -> Result<Progress> {
        let request = Template::get("/v1/admin/state", &[]).with(bearer().as_bytes());
        let reply = http::call(self.address(), &request)?.success().context("asking for the state")?;
        parse_progress(&reply.body)
    }
}

/// What a service has left on disk.
#[derive(Debug)]
pub struct StoppedData {
    scratch: TempDir,
}

impl StoppedData {
    #[must_use]
    pub fn path(&self) -> PathBuf {
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
