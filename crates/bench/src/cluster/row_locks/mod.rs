//! A service that locks the seat's row, with the one endpoint that is compared: same requests, same server, same schema as
//! the script for pgbench, in a process of its own.

mod serve;

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use onsale_loadtest::process::command;
use tempfile::TempDir;

pub(crate) use serve::{Arguments, How, serve};

use crate::cores::Cores;
use crate::process::Server;

/// The running service.
#[derive(Debug)]
pub(super) struct RowLocks {
    server: Server,
    /// Removed after the server, which logs into it.
    _scratch: TempDir,
}

impl RowLocks {
    /// Starts it on a database that has the seats.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) fn start(database: &str, how: How) -> Result<Self> {
        let scratch = TempDir::new().context("a scratch directory")?;
        let own = std::env::current_exe().context("finding the benchmark's own executable")?;
        let mut command = command(&own, &Cores::available()?)?;
        let how = how.to_possible_value().context("no way to send it")?;
        command.arg("row-locks").arg("--database").arg(database).arg("--how").arg(how.get_name());
        let server =
            Server::start(command, &scratch.path().join("row-locks.log")).context("the service that locks rows")?;
        Ok(Self { server, _scratch: scratch })
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }
}
